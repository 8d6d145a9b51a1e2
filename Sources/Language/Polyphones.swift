/// Readings of characters that stand as words of their own, chosen by what stands beside them.
enum Polyphones {
    private static let numerals = Set<Character>("零一二三四五六七八九十百千万亿两几半数多0123456789")
    private static let pointers = Set<Character>("这那哪每各某")

    /// What is known around a lone character: the words before and after it, "" at the ends of the run.
    struct Context {
        var before: String
        var after: String
        var sentence: String

        var last: Character { before.last ?? " " }
        var next: Character { after.first ?? " " }
        var counted: Bool { numerals.contains(last) || pointers.contains(last) }

        func precedes(_ characters: String) -> Bool { after.first.map { characters.contains($0) } ?? false }
        func follows(_ characters: String) -> Bool { before.last.map { characters.contains($0) } ?? false }
        func starts(_ words: [String]) -> Bool { words.contains { after.hasPrefix($0) } }
    }

    private static let obliged: Set<String> = [
        "我", "你", "您", "他", "她", "它", "我们", "你们", "他们", "咱们", "咱", "还", "就", "都", "总", "必", "可", "又", "谁", "人", "大家",
        "今天", "明天", "现在", "一定", "那", "也", "只", "车", "自己", "以后",
    ]

    /// The reading of a lone character in context; nil when its usual reading stands.
    static func reading(of character: Character, in context: Context) -> String? {
        switch character {
        case "得":
            if context.precedes("了到过罪") && context.before.isEmpty { return "de2" }
            if context.before.isEmpty { return context.after.isEmpty ? "de2" : "dei3" }
            if obliged.contains(context.before), !context.after.isEmpty, !context.precedes("很多了") { return "dei3" }
            return "de5"
        case "地": return adverb(context) ? "de5" : "di4"
        case "了": return context.precedes("解如") ? "liao3" : "le5"
        case "着":
            return context.starts(["火", "凉", "急", "迷"])
                ? "zhao2" : context.starts(["陆", "装", "色", "眼"]) ? "zhuo2" : "zhe5"
        case "还":
            if context.starts(["给", "钱", "书", "清", "款", "贷", "债", "账", "完", "上", "了"]) { return "huan2" }
            return context.sentence.contains("把") && context.after.isEmpty ? "huan2" : nil
        case "只": return context.counted && !context.follows("几多") || context.before == "几" ? "zhi1" : nil
        case "种":
            return context.starts(["树", "花", "菜", "地", "田", "草", "上", "下", "满", "了", "过", "着"]) && !context.counted
                ? "zhong4" : nil
        case "长":
            if context.follows("多米很太最更好不加") || context.counted || context.follows("里厘") { return "chang2" }
            return context.precedes("了着得成出高大胖满毛个") ? "zhang3" : nil
        case "重": return context.precedes("来做发听说放打拨写试置算启装设连读看建修播唱开选走") ? "chong2" : nil
        case "数":
            return context.precedes("一到数着了下星钱清不") || context.before.isEmpty || context.follows("来请我") ? "shu3" : nil
        case "行":
            return context.counted && !(context.precedes("人")) || context.before == "第" || context.before.hasPrefix("第")
                ? "hang2" : nil
        case "倒": return context.follows("摔跌打推绊吹晕翻卧病滑撞压拉累") ? "dao3" : nil
        case "为":
            if context.precedes("了你我他她您它咱什") { return "wei4" }
            return numerals.contains(context.next) || context.follows("称作成名定设变改选评分视") ? "wei2" : nil
        case "干": return context.follows("很太擦晾烘吹弄晒喝榨") || context.precedes("的了") && context.follows("都已") ? "gan1" : nil
        case "空": return context.follows("有没得抽填留") ? "kong4" : nil
        case "背": return context.precedes("着起上包不得") ? "bei1" : nil
        case "看": return context.starts(["门", "孩子", "家", "护", "着"]) && context.starts(["门", "孩子", "家"]) ? "kan1" : nil
        case "中": return context.follows("打抽击射命猜选投说押看") ? "zhong4" : nil
        case "转": return context.precedes("着圈动得起不") || context.follows("自公打") ? "zhuan4" : nil
        case "假": return context.follows("放请休病暑寒婚产年") ? "jia4" : nil
        case "量": return context.precedes("一体血身了下个温尺") || context.before.isEmpty ? "liang2" : nil
        case "处": return context.counted || context.follows("到别好用坏") ? "chu4" : nil
        case "系": return context.precedes("好上安紧鞋着") ? "ji4" : nil
        case "盛": return context.precedes("饭汤满一点在") ? "cheng2" : nil
        case "扇": return context.precedes("扇风着") && !context.counted ? "shan1" : nil
        case "卷": return context.precedes("起成了着入") ? "juan3" : nil
        case "好": return context.precedes("学客奇") ? "hao4" : nil
        case "钉": return context.precedes("上在住钉") ? "ding4" : "ding1"
        case "累": return context.precedes("计积") ? "lei3" : nil
        case "宿": return context.counted ? "xiu3" : nil
        case "斗": return context.counted ? "dou3" : nil
        case "几": return context.precedes("乎") ? "ji1" : nil
        case "落": return context.precedes("在下") && context.sentence.contains("把") ? "la4" : nil
        case "吐": return context.precedes("了血") ? "tu4" : nil
        case "圈": return context.precedes("起养") && !context.counted ? "juan4" : nil
        case "缝": return context.precedes("补衣上了") ? "feng2" : nil
        case "尽": return context.precedes("量快早可") ? "jin3" : nil
        default: return nil
        }
    }

    private static let adverbs: Set<String> = [
        "非常", "快速", "缓慢", "努力", "认真", "小心", "耐心", "安全", "安静", "大声", "小声", "开心", "高兴", "快乐", "自动", "用力", "悄悄",
        "仔细", "轻松", "愉快", "顺利", "清楚", "准确", "及时", "不断", "不停", "迅速", "热情", "积极", "简单", "直接", "突然", "渐渐", "彻底", "正确",
        "有效", "更好", "很好", "最大限度", "进一步", "科学", "全面", "深入", "广泛", "坚决", "主动", "随意", "尽情", "静静", "偷偷",
    ]

    private static func adverb(_ context: Context) -> Bool {
        let word = Array(context.before)
        guard word.count > 1, !context.after.isEmpty else { return false }
        if word.count == 2, word[0] == word[1] { return true }
        if word.count == 4, word[0] == word[1] && word[2] == word[3] || word[1] == word[3] { return true }
        return word.last == "然" || adverbs.contains(context.before)
    }
}
