extension Checked {
    /// Polyphones in context, the first half: text and its lexical pinyin, agreed with pypinyin or judged by hand against it.
    static let readingsA = """
        重庆的银行在长江边: chong2 qing4 de5 yin2 hang2 zai4 chang2 jiang1 bian1
        这个孩子长大了: zhe4 ge5 hai2 zi5 zhang3 da4 le5
        听音乐很快乐: ting1 yin1 yue4 hen3 kuai4 le4
        把空调调到二十四度: ba3 kong1 tiao2 tiao2 dao4 er4 shi2 si4 du4
        调整一下空调的温度: tiao2 zheng3 yi1 xia4 kong1 tiao2 de5 wen1 du4
        行车记录仪打开了吗: xing2 che1 ji4 lu4 yi2 da3 kai1 le5 ma5
        第一行写着名字: di4 yi1 hang2 xie3 zhe5 ming2 zi4
        他觉得很好: ta1 jue2 de5 hen3 hao3
        我得走了: wo3 dei3 zou3 le5
        跑得很快: pao3 de5 hen3 kuai4
        他笑着说还有时间: ta1 xiao4 zhe5 shuo1 hai2 you3 shi2 jian1
        把书还给我: ba3 shu1 huan2 gei3 wo3
        我们都是成都人: wo3 men5 dou1 shi4 cheng2 du1 ren2
        首都北京是大都市: shou3 du1 bei3 jing1 shi4 da4 du1 shi4
        重新播放这首歌: chong2 xin1 bo1 fang4 zhe4 shou3 ge1
        这个箱子很重: zhe4 ge5 xiang1 zi5 hen3 zhong4
        数一数有多少人: shu3 yi1 shu3 you3 duo1 shao3 ren2
        数学很难: shu4 xue2 hen3 nan2
        银行的行长: yin2 hang2 de5 hang2 zhang3
        排成一行: pai2 cheng2 yi1 xing2
        这样做行不行: zhe4 yang4 zuo4 xing2 bu4 xing2
        一行白鹭上青天: yi1 xing2 bai2 lu4 shang4 qing1 tian1
        调查结果出来了: diao4 cha2 jie2 guo3 chu1 lai2 le5
        把音量调大一点: ba3 yin1 liang4 tiao2 da4 yi1 dian3
        单调的声音: dan1 diao4 de5 sheng1 yin1
        这首曲子的调子很高: zhe4 shou3 qu3 zi5 de5 diao4 zi5 hen3 gao1
        长城很长: chang2 cheng2 hen3 chang2
        校长在长椅上坐着: xiao4 zhang3 zai4 chang2 yi3 shang4 zuo4 zhe5
        生长在长春: sheng1 zhang3 zai4 chang2 chun1
        快乐的乐队: kuai4 le4 de5 yue4 dui4
        他在乐山学音乐: ta1 zai4 le4 shan1 xue2 yin1 yue4
        还是回家吧: hai2 shi4 hui2 jia1 ba5
        还书的时候到了: huan2 shu1 de5 shi2 hou4 dao4 le5
        他还没还钱: ta1 hai2 mei2 huan2 qian2
        为什么不为人民服务: wei4 shen2 me5 bu4 wei4 ren2 min2 fu2 wu4
        因为成为医生是他的梦想: yin1 wei4 cheng2 wei2 yi1 sheng1 shi4 ta1 de5 meng4 xiang3
        为了你好: wei4 le5 ni3 hao3
        这只狗只有三岁: zhe4 zhi1 gou3 zhi3 you3 san1 sui4
        一只猫: yi1 zhi1 mao1
        只要努力就行: zhi3 yao4 nu3 li4 jiu4 xing2
        种树要用种子: zhong4 shu4 yao4 yong4 zhong3 zi5
        这种花很好种: zhe4 zhong3 hua1 hen3 hao3 zhong3
        各种各样: ge4 zhong3 ge4 yang4
        头发很长要去理发: tou2 fa4 hen3 chang2 yao4 qu4 li3 fa4
        发现了一根白发: fa1 xian4 le5 yi1 gen1 bai2 fa4
        发烧了要去医院: fa1 shao1 le5 yao4 qu4 yi1 yuan4
        干净的衣服: gan1 jing4 de5 yi1 fu2
        干什么活: gan4 shen2 me5 huo2
        这件衣服晾干了: zhe4 jian4 yi1 fu2 liang4 gan1 le5
        干部在干活: gan4 bu4 zai4 gan4 huo2
        天空中有空位: tian1 kong1 zhong1 you3 kong4 wei4
        有空来玩: you3 kong4 lai2 wan2
        空气净化器: kong1 qi4 jing4 hua4 qi4
        中国中奖了: zhong1 guo2 zhong4 jiang3 le5
        打中了目标: da3 zhong4 le5 mu4 biao1
        他看中了这套房子: ta1 kan4 zhong4 le5 zhe4 tao4 fang2 zi5
        正中间: zheng4 zhong1 jian1
        过分的分量: guo4 fen4 de5 fen4 liang4
        三分之一的部分: san1 fen1 zhi1 yi1 de5 bu4 fen4
        分钟和分数: fen1 zhong1 he2 fen1 shu4
        看家护院: kan1 jia1 hu4 yuan4
        看守所: kan1 shou3 suo3
        看见他在看书: kan4 jian4 ta1 zai4 kan4 shu1
        没有没收: mei2 you3 mo4 shou1
        说服他很难: shuo1 fu2 ta1 hen3 nan2
        好人好事: hao3 ren2 hao3 shi4
        爱好和平: ai4 hao4 he2 ping2
        少年很少: shao4 nian2 hen3 shao3
        多少钱: duo1 shao3 qian2
        人参很贵: ren2 shen1 hen3 gui4
        曾经的曾祖父: ceng2 jing1 de5 zeng1 zu3 fu4
        差不多差一点: cha4 bu5 duo1 cha4 yi1 dian3
        出差去上海: chu1 chai1 qu4 shang4 hai3
        参差不齐: cen1 ci1 bu4 qi2
        质量很差: zhi4 liang4 hen3 cha4
        车站的车: che1 zhan4 de5 che1
        称呼和称重: cheng1 hu1 he2 cheng1 zhong4
        对称的图案: dui4 chen4 de5 tu2 an4
        乘车去: cheng2 che1 qu4
        盛饭和盛开: cheng2 fan4 he2 sheng4 kai1
        处理各处的问题: chu3 li3 ge4 chu4 de5 wen4 ti2
        到处都是人: dao4 chu4 dou1 shi4 ren2
        相处得很好: xiang1 chu3 de5 hen3 hao3
        传说和传记: chuan2 shuo1 he2 zhuan4 ji4
        自传是传下来的: zi4 zhuan4 shi4 chuan2 xia4 lai2 de5
        创伤与创造: chuang1 shang1 yu3 chuang4 zao4
        答应和回答: da1 ying4 he2 hui2 da2
        大夫说没事: da4 fu1 shuo1 mei2 shi4
        大家好: da4 jia1 hao3
        姓单的先生: xing4 dan1 de5 xian1 sheng1
        当作当天的任务: dang4 zuo4 dang4 tian1 de5 ren4 wu4
        上当受骗: shang4 dang4 shou4 pian4
        倒水的时候摔倒了: dao4 shui3 de5 shi2 hou4 shuai1 dao3 le5
        倒车请注意: dao4 che1 qing3 zhu4 yi4
        倒计时开始: dao4 ji4 shi2 kai1 shi3
        得到了又失去: de2 dao4 le5 you4 shi1 qu4
        得意地笑: de2 yi4 di4 xiao4
        慢慢地走: man4 man4 de5 zou3
        认真地学习: ren4 zhen1 de5 xue2 xi2
        大地和土地: da4 di4 he2 tu3 di4
        地上有水: di4 shang4 you3 shui3
        高高兴兴地回家: gao1 gao1 xing4 xing4 de5 hui2 jia1
        目的地是的士站: mu4 di4 di4 shi4 di1 shi4 zhan4
        的确如此: di2 que4 ru2 ci3
        调动工作: diao4 dong4 gong1 zuo4
        钉子和钉上: ding1 zi5 he2 ding4 shang4
        都市里都有: dou1 shi4 li3 dou1 you3
        度过假期: du4 guo4 jia4 qi1
        放假的日子: fang4 jia4 de5 ri4 zi5
        假如是假的: jia3 ru2 shi4 jia3 de5
        恶心和可恶: e3 xin1 he2 ke3 wu4
        凶恶的人: xiong1 e4 de5 ren2
        子弹和弹琴: zi3 dan4 he2 tan2 qin2
        弹钢琴弹得好: tan2 gang1 qin2 tan2 de5 hao3
        缝衣服: feng2 yi1 fu2
        门缝很小: men2 feng4 hen3 xiao3
        供应和提供: gong1 ying4 he2 ti2 gong1
        口供: kou3 gong4
        更加和更新: geng4 jia1 he2 geng1 xin1
        三更半夜: san1 geng1 ban4 ye4
        给予和给你: ji3 yu3 he2 gei3 ni3
        供给充足: gong1 ji3 chong1 zu2
        冠军和鸡冠: guan4 jun1 he2 ji1 guan1
        桂冠: gui4 guan1
        观看和道观: guan1 kan4 he2 dao4 guan4
        还要还债: hai2 yao4 huan2 zhai4
        号码和号叫: hao4 ma3 he2 hao2 jiao4
        喝水和喝彩: he1 shui3 he2 he4 cai3
        和平与附和: he2 ping2 yu3 fu4 he4
        暖和的天气: nuan3 huo5 de5 tian1 qi4
        横竖和蛮横: heng2 shu4 he2 man2 heng4
        会计在开会: kuai4 ji4 zai4 kai1 hui4
        一会儿就会好: yi1 huir4 jiu4 hui4 hao3
        几乎有几个人: ji1 hu1 you3 ji3 ge4 ren2
        茶几: cha2 ji1
        济南和经济: ji3 nan2 he2 jing1 ji4
        救济: jiu4 ji4
        系鞋带和关系: ji4 xie2 dai4 he2 guan1 xi4
        系好安全带: ji4 hao3 an1 quan2 dai4
        系统更新: xi4 tong3 geng1 xin1
        监狱和监视: jian1 yu4 he2 jian1 shi4
        间接和中间: jian4 jie1 he2 zhong1 jian1
        房间间隔: fang2 jian1 jian4 ge2
        将来和将领: jiang1 lai2 he2 jiang4 ling3
        将军: jiang1 jun1
        降落和投降: jiang4 luo4 he2 tou2 xiang2
        温度下降: wen1 du4 xia4 jiang4
        角色和角度: jue2 se4 he2 jiao3 du4
        主角的角落: zhu3 jue2 de5 jiao3 luo4
        教书和教育: jiao1 shu1 he2 jiao4 yu4
        教我唱歌: jiao1 wo3 chang4 ge1
        教室里的教师: jiao4 shi4 li3 de5 jiao4 shi1
        结果和结实: jie2 guo3 he2 jie1 shi2
        结束了: jie2 shu4 le5
        姓解的同学: xing4 xie4 de5 tong2 xue2
        尽管和尽力: jin3 guan3 he2 jin4 li4
        尽快和尽头: jin3 kuai4 he2 jin4 tou2
        禁止和不禁: jin4 zhi3 he2 bu4 jin1
        觉得想睡觉: jue2 de5 xiang3 shui4 jiao4
        感觉很好: gan3 jue2 hen3 hao3
        卡片和关卡: ka3 pian4 he2 guan1 qia3
        看你的卡: kan4 ni3 de5 ka3
        咖啡和咖喱: ka1 fei1 he2 ga1 li2
        壳子: ke2 zi3
        贝壳和地壳: bei4 ke2 he2 di4 qiao4
        空地上: kong4 di4 shang4
        累积和劳累: lei3 ji1 he2 lao2 lei4
        我很累: wo3 hen3 lei4
        凉快: liang2 kuai4
        量体温: liang2 ti3 wen1
        力量和重量: li4 liang4 he2 zhong4 liang4
        数量很多: shu4 liang4 hen3 duo1
        测量温度: ce4 liang2 wen1 du4
        """
}
