/// Checked cases, one a line: text, colon, numbered pinyin.
enum Checked {
    /// The pairs of a table.
    static func cases(_ table: String) -> [(text: String, pinyin: String)] {
        table.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: ": ")
            return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
        }
    }

    /// Tones of running speech: third tones, 一 and 不, neutral tones, erhua.
    static let surface = """
        你好: ni2 hao3
        我很好: wo3 hen2 hao3
        打开: da3 kai1
        请你打开: qing3 ni2 da3 kai1
        小老虎: xiao3 lao2 hu3
        展览馆: zhan2 lan2 guan3
        我想买小米: wo3 xiang2 mai3 xiao2 mi3
        手表很好: shou2 biao3 hen2 hao3
        洗澡水: xi2 zao2 shui3
        理解: li2 jie3
        老板很早: lao2 ban3 hen2 zao3
        可以: ke2 yi3
        所以: suo2 yi3
        永远: yong2 yuan3
        也许: ye2 xu3
        哪里: na2 li5
        小姐: xiao2 jie5
        一天: yi4 tian1
        一年: yi4 nian2
        一把: yi4 ba3
        一个: yi2 ge4
        一次: yi2 ci4
        一样: yi2 yang4
        一起: yi4 qi3
        一直: yi4 zhi2
        一定: yi2 ding4
        一般: yi4 ban1
        第一: di4 yi1
        一月一日: yi1 yue4 yi1 ri4
        十一: shi2 yi1
        二十一个: er4 shi2 yi1 ge4
        一百: yi4 bai3
        一千: yi4 qian1
        一万: yi2 wan4
        一百一十一: yi4 bai3 yi1 shi2 yi1
        统一: tong3 yi1
        看一看: kan4 yi5 kan4
        想一想: xiang3 yi5 xiang3
        不对: bu2 dui4
        不好: bu4 hao3
        不是: bu2 shi4
        不要: bu2 yao4
        不能: bu4 neng2
        不来: bu4 lai2
        不吃: bu4 chi1
        好不好: hao3 bu5 hao3
        是不是: shi4 bu5 shi4
        对不起: dui4 bu5 qi3
        看不见: kan4 bu5 jian4
        不一定: bu4 yi2 ding4
        一不小心: yi2 bu4 xiao3 xin1
        不见不散: bu2 jian4 bu2 san4
        一心一意: yi4 xin1 yi2 yi4
        一五一十: yi1 wu3 yi1 shi2
        一问一答: yi2 wen4 yi4 da2
        一模一样: yi4 mu2 yi2 yang4
        不三不四: bu4 san1 bu2 si4
        我不去: wo3 bu2 qu4
        妈妈: ma1 ma5
        爸爸: ba4 ba5
        朋友: peng2 you5
        什么: shen2 me5
        我们: wo3 men5
        桌子: zhuo1 zi5
        石头: shi2 tou5
        漂亮: piao4 liang5
        东西: dong1 xi5
        晚上: wan3 shang5
        谢谢: xie4 xie5
        玩儿: wanr2
        花儿: huar1
        一点儿: yi4 dianr3
        一会儿: yi2 huir4
        有点儿: you2 dianr3
        那儿: nar4
        这儿: zher4
        哪儿: nar3
        小孩儿: xiao3 hair2
        女儿: nv3 er2
        儿子: er2 zi5
        儿童: er2 tong2
        婴儿: ying1 er2
        事儿: shir4
        门口儿: men2 kour3
        味儿: weir4
        """
}
