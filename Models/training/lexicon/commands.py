"""Sentences as people say them to a car or a home, from patterns; they teach the language model the trade's words."""
import itertools
import random

PATTERNS = [
    ("{ask}{open}{device}", 1), ("{ask}把{device}{open2}", 1), ("{device}{open2}", 1),
    ("{ask}{open}{side}{window}", 1), ("{ask}把{side}{window}{open2}", 1), ("{side}{window}开{percent}", 1),
    ("空调{adjust}{temperature}度", 3), ("{ask}把空调{adjust}{temperature}度", 3), ("把温度{adjust}{temperature}度", 3),
    ("{room}空调{adjust}{temperature}度", 2), ("温度{adjust}{temperature}点五度", 1), ("空调温度{updown}一点", 2),
    ("{ask}把{room}温度{adjust}{temperature}度", 2), ("风量{adjust}{level}档", 2), ("风速{adjust}{level}级", 1),
    ("音量{adjust}{percent}", 2), ("{ask}把音量{adjust}{number}", 2), ("声音{updown}一点", 2), ("亮度{adjust}{percent}", 2),
    ("{ask}{open}{room}的{light}", 2), ("{ask}把{room}的{light}{open2}", 2), ("把{room}{light}调成{colour}", 2),
    ("{side}座椅加热{adjust}{level}档", 1), ("{ask}{open}{side}座椅{seat}", 2), ("导航到{place}", 3), ("我要去{place}", 3),
    ("附近的{poi}在哪里", 2), ("附近有没有{poi}", 2), ("播放{song}", 2), ("我想听{singer}的歌", 2), ("{ask}放一首{singer}的歌", 2),
    ("下一首", 5), ("上一首", 5), ("暂停播放", 5), ("继续播放", 5), ("单曲循环", 3), ("随机播放", 3), ("打电话给{person}", 3),
    ("给{person}打电话", 3), ("拨打{digits}", 6), ("{time}叫我起床", 2), ("提醒我{time}{todo}", 3), ("设一个{number}分钟的闹钟", 2),
    ("定时{number}分钟", 2), ("{day}天气怎么样", 3), ("{city}{day}天气怎么样", 3), ("{day}会下雨吗", 3), ("现在几点了", 5),
    ("今天星期几", 5), ("今天几号", 5), ("还能跑多少公里", 4), ("还有多少电", 4), ("胎压正常吗", 4), ("车速是多少", 4), ("油还够吗", 4),
    ("{ask}{open}{room}窗帘", 2), ("窗帘开{percent}", 2), ("{ask}{open}扫地机器人", 2), ("电视调到{channel}", 2), ("{scene}模式", 3),
    ("{ask}打开{scene}模式", 3), ("我有点{feel}", 4), ("车里太{feel}了", 4), ("好的", 8), ("不用了", 8), ("取消", 8), ("是的", 8),
    ("再说一遍", 8), ("你能做什么", 8), ("谢谢", 8), ("没事了", 6), ("空调吹{blow}", 3), ("{open}{defrost}", 3),
]
SLOTS = {
    "ask": ["", "", "请", "帮我", "麻烦", "给我"], "open": ["打开", "关闭", "关上", "开启", "关掉", "开一下", "关一下"],
    "open2": ["打开", "关闭", "关上", "关掉", "打开一点", "开一半", "全部打开", "全部关上"],
    "device": ["空调", "天窗", "遮阳帘", "后备箱", "车门", "车窗", "雨刮器", "大灯", "雾灯", "双闪", "氛围灯", "阅读灯", "近光灯", "远光灯",
               "座椅加热", "座椅通风", "座椅按摩", "方向盘加热", "内循环", "外循环", "除霜", "除雾", "收音机", "蓝牙", "无线网络", "热点", "音乐",
               "电视", "风扇", "空气净化器", "加湿器", "热水器", "洗衣机", "烤箱", "电饭煲", "吸尘器", "扫地机", "台灯", "吸顶灯", "窗帘",
               "地暖", "暖气", "投影仪", "音箱", "油烟机", "后视镜", "儿童锁", "中控锁", "行车记录仪", "自动驻车", "自动泊车", "香氛"],
    "side": ["", "主驾", "副驾", "左前", "右前", "左后", "右后", "前排", "后排", "主驾驶", "副驾驶", "所有", "左边", "右边"],
    "window": ["车窗", "窗户", "窗子", "车门"], "percent": ["百分之" + x for x in "十 二十 三十 四十 五十 六十 七十 八十 九十".split()]
    + ["一半", "三分之一", "最大", "最小"], "adjust": ["调到", "调成", "设为", "设置为", "设到", "调至", "开到", "升到", "降到"],
    "temperature": "十六 十七 十八 十九 二十 二十一 二十二 二十三 二十四 二十五 二十六 二十七 二十八 二十九 三十".split(),
    "updown": ["调高", "调低", "调大", "调小", "升高", "降低", "再高", "再低", "大", "小"], "level": list("一二三四五六"),
    "number": "五 十 十五 二十 二十五 三十 三十五 四十 四十五 五十 六十 七十 八十 九十".split(),
    "room": ["", "客厅", "卧室", "主卧", "次卧", "书房", "厨房", "餐厅", "阳台", "卫生间", "浴室", "儿童房", "走廊", "玄关"],
    "light": ["灯", "吸顶灯", "台灯", "灯光", "射灯", "灯带", "落地灯"], "colour": "红色 蓝色 绿色 黄色 紫色 白色 暖色 冷色 橙色 粉色".split(),
    "seat": ["加热", "通风", "按摩"], "place": "火车站 高铁站 飞机场 首都机场 人民广场 市中心 公司 家 学校 医院 天安门 西湖 春熙路 解放碑 宽窄巷子 万达广场 "
    "体育馆 动物园 博物馆 图书馆 购物中心 北京路 中山路 南京东路 汽车站 大学城 科技园 会展中心".split(),
    "poi": "加油站 充电站 充电桩 停车场 餐厅 饭店 火锅店 咖啡店 超市 银行 医院 药店 酒店 厕所 洗车店 商场 公园 地铁站 服务区 修车店".split(),
    "song": "音乐 歌曲 新闻 相声 评书 轻音乐 流行歌曲 儿歌 古典音乐 摇滚乐 老歌 我收藏的歌 最新的歌 有声书 广播 交通广播".split(),
    "singer": "周杰伦 刘德华 邓丽君 张学友 王菲 林俊杰 陈奕迅 李荣浩 薛之谦 邓紫棋 孙燕姿 蔡依林 五月天 毛不易 李宗盛 张惠妹 那英 汪峰".split(),
    "person": "爸爸 妈妈 老婆 老公 张三 李四 王老师 李经理 小王 小李 姐姐 哥哥 爷爷 奶奶 张总 陈医生 刘师傅".split(),
    "digits": ["@"], "time": ["@time"], "todo": "开会 吃药 接孩子 买菜 交电费 打电话 关火 喝水 出门 充电 取快递".split(),
    "day": "今天 明天 后天 周末 星期一 星期五 下周 晚上 明天早上".split(), "channel": "中央一台 湖南卫视 浙江卫视 体育频道 新闻频道 电影频道 少儿频道".split(),
    "city": "北京 上海 广州 深圳 成都 重庆 杭州 武汉 西安 南京 苏州 天津 长沙 郑州 青岛 厦门 昆明 沈阳 哈尔滨".split(),
    "scene": "回家 离家 睡眠 观影 阅读 会客 用餐 起床 运动 舒适 节能 自动 静音 制冷 制热 除湿 送风 省电 雨天 吸烟 露营 小憩".split(),
    "feel": "冷 热 闷 困 吵 暗 亮 晒 渴 累 饿 干".split(), "blow": "脸 脚 面 前挡 头和脚 身上".split(),
    "defrost": "前挡除霜 后挡除霜 后视镜加热 前挡风除雾 后窗加热".split(),
}


def fill(pattern, chance):
    while "{" in pattern:
        start, end = pattern.index("{"), pattern.index("}")
        value = chance.choice(SLOTS[pattern[start + 1:end]])
        if value == "@":
            value = "".join(chance.choice("零幺二三四五六七八九") for _ in range(chance.choice((3, 5, 7, 8, 11))))
        elif value == "@time":
            value = chance.choice(["", "早上", "上午", "下午", "晚上", "明天", "明天早上"]) + chance.choice(
                "一 两 三 四 五 六 七 八 九 十 十一 十二".split()) + "点" + chance.choice(["", "半", "一刻", "十分", "二十", "四十五分", "钟"])
        pattern = pattern[:start] + value + pattern[end + 1:]
    return pattern


def sentences(per_weight=120, seed=7):
    """Sentences, each pattern drawn 120 times its weight; the same on every run."""
    chance = random.Random(seed)
    for pattern, weight in PATTERNS:
        times = per_weight * weight if "{" in pattern else 10 * weight
        for _ in itertools.repeat(None, times):
            yield fill(pattern, chance)


if __name__ == "__main__":
    for line in sentences(2):
        print(line)
