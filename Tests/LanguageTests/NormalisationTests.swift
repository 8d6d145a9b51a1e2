import Testing

@testable import Language

@Suite struct NormalisationTests {
    static let mandarin = """
        今天是2024年3月5日 => 今天是二零二四年三月五日
        2024-03-05 => 二零二四年三月五日
        2024/3/5开会 => 二零二四年三月五日开会
        3月5日8:30出发 => 三月五日八点三十分出发
        20:00开始 => 二十点整开始
        12:05:09 => 十二点零五分九秒
        8:30 pm => 晚上八点三十分
        下午2:00 => 下午两点整
        温度-3.5℃ => 温度零下三点五摄氏度
        室温24°C => 室温二十四摄氏度
        空调调到24度 => 空调调到二十四度
        22.5度 => 二十二点五度
        湿度60% => 湿度百分之六十
        50%-60% => 百分之五十到百分之六十
        20-25℃ => 二十到二十五摄氏度
        3~5天 => 三到五天
        ¥12.50 => 十二点五元
        $3.5 => 三点五美元
        €20 => 二十欧元
        100元 => 一百元
        2个苹果 => 两个苹果
        2点 => 两点
        2月2号 => 二月二号
        2公里 => 两公里
        2.5公里 => 二点五公里
        12km => 十二公里
        120km/h => 一百二十公里每小时
        5kg => 五公斤
        500ml => 五百毫升
        13800138000 => 幺三八零零幺三八零零零
        010-62345678 => 零幺零，六二三四五六七八
        400-820-8888 => 四零零，八二零，八八八八
        138-0013-8000 => 幺三八，零零幺三，八零零零
        拨打110 => 拨打幺幺零
        请打10086 => 请打幺零零八六
        电话号码是62345678 => 电话号码是六二三四五六七八
        川A12345 => 川A幺二三四五
        京A·8B123 => 京A八B幺二三
        沪AD12345 => 沪AD幺二三四五
        1/2 => 二分之一
        3+5=8 => 三加五等于八
        2×3 => 二乘三
        比分2:1 => 比分二比一
        1,234,567人 => 一百二十三万四千五百六十七人
        123456789 => 一亿二千三百四十五万六千七百八十九
        0.05 => 零点零五
        第1名 => 第一名
        90后 => 九零后
        80年代 => 八十年代
        G1234次列车 => G幺二三四次列车
        CA1501航班 => CA幺五零幺航班
        5G网络 => 五G网络
        MP3 => MP三
        iPhone15 => iPhone十五
        1080P => 幺零八零P
        PM2.5 => PM二点五
        A4纸 => A四纸
        房间1203 => 房间幺二零三
        验证码123456 => 验证码幺二三四五六
        100% => 百分之百
        -10 => 负十
        零下5度 => 零下五度
        1.5万 => 一点五万
        3亿 => 三亿
        No.5 => 五号
        www.baidu.com => www点baidu点com
        2024年 => 二零二四年
        1000000 => 一百万
        10:00-12:00 => 十点整到十二点整
        8~10点 => 八到十点
        ±5 => 正负五
        ½ => 二分之一
        100km => 一百公里
        2h => 两小时
        5min => 五分钟
        ¥3万 => 三万元
        3-5个 => 三到五个
        20% => 百分之二十
        """

    static let english = """
        3:05 => three oh five
        $5 => five dollars
        24°C => twenty four degrees celsius
        1985 => nineteen eighty five
        2024 => two thousand twenty four
        1,234 => one thousand two hundred and thirty four
        -3.5% => minus three point five percent
        room 101 => room one hundred and one
        """

    func check(_ table: String, _ dialect: Dialect) {
        for line in table.split(separator: "\n") {
            let parts = line.split(separator: " => ").map(String.init)
            #expect(Normaliser.normalise(parts[0], dialect: dialect) == parts[1], "\(parts[0])")
        }
    }

    @Test func mandarinNumbersBecomeWords() { check(Self.mandarin, .mandarin) }

    @Test func englishNumbersBecomeWords() { check(Self.english, .english) }

    @Test func cantoneseTelephonesKeepTheirOne() {
        #expect(Normaliser.normalise("拨打110", dialect: .cantonese) == "拨打一一零")
    }

    @Test func wordsAndPunctuationPass() {
        for text in ["", "打开空调，好吗？", "Hello, world!", "「书」", "😀"] {
            #expect(Normaliser.normalise(text, dialect: .mandarin) == text)
        }
    }

    @Test func hugeDigitStringsAreReadOneByOne() {
        let text = String(repeating: "9", count: 5000)
        #expect(Normaliser.normalise(text, dialect: .mandarin).count == 5000)
    }
}
