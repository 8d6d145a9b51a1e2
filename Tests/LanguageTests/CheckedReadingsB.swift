extension Checked {
    /// Polyphones in context, the second half: text and its lexical pinyin, agreed with pypinyin or judged by hand against it.
    static let readingsB = """
        两个人: liang3 ge4 ren2
        了解了: liao3 jie3 le5
        了不起: liao3 bu4 qi3
        受不了: shou4 bu4 liao3
        走了: zou3 le5
        吃了饭了: chi1 le5 fan4 le5
        露水和露面: lu4 shui3 he2 lou4 mian4
        露出笑容: lu4 chu1 xiao4 rong2
        率领和效率: shuai4 ling3 he2 xiao4 lv4
        频率很高: pin2 lv4 hen3 gao1
        绿色: lv4 se4
        落后和落枕: luo4 hou4 he2 lao4 zhen3
        丢三落四: diu1 san1 la4 si4
        降落伞: jiang4 luo4 san3
        没关系: mei2 guan1 xi4
        淹没了: yan1 mo4 le5
        闷热和纳闷: men1 re4 he2 na4 men4
        模样和模型: mu2 yang4 he2 mo2 xing2
        模式: mo2 shi4
        难过和灾难: nan2 guo4 he2 zai1 nan4
        宁静和宁可: ning2 jing4 he2 ning4 ke3
        炮制和炮弹: pao2 zhi4 he2 pao4 dan4
        便宜和方便: pian2 yi5 he2 fang1 bian4
        大腹便便: da4 fu4 pian2 pian2
        漂亮和漂流: piao4 liang4 he2 piao1 liu2
        漂白: piao3 bai2
        铺床和店铺: pu1 chuang2 he2 dian4 pu4
        奇怪和奇数: qi2 guai4 he2 ji1 shu4
        强大和勉强: qiang2 da4 he2 mian3 qiang3
        倔强: jue2 jiang4
        悄悄话: qiao1 qiao1 hua4
        翘起来: qiao4 qi3 lai2
        切开和一切: qie4 kai1 he2 yi1 qie4
        亲切: qin1 qie4
        亲家和亲人: qing4 jia5 he2 qin1 ren2
        曲折的歌曲: qu1 zhe2 de5 ge1 qu3
        曲线: qu1 xian4
        圈子和猪圈: quan1 zi5 he2 zhu1 quan1
        任务和姓任: ren4 wu4 he2 xing4 ren2
        散步和散文: san4 bu4 he2 san3 wen2
        松散: song1 san3
        色彩: se4 cai3
        塞车和堵塞: sai1 che1 he2 du3 se4
        边塞: bian1 sai4
        丧失和丧事: sang4 shi1 he2 sang1 shi4
        扫地和扫帚: sao3 di4 he2 sao4 zhou3
        扇子和扇风: shan4 zi5 he2 shan1 feng1
        舍得和宿舍: she3 de5 he2 su4 she4
        什么和什锦: shen2 me5 he2 shi2 jin3
        省份和反省: sheng3 fen4 he2 fan3 xing3
        似的和似乎: shi4 de5 he2 si4 hu1
        石头和一石米: shi2 tou5 he2 yi1 shi2 mi3
        识别和标识: shi2 bie2 he2 biao1 shi2
        数据和数落: shu4 ju4 he2 shu3 luo4
        倒数第三: dao4 shu3 di4 san1
        宿舍和一宿: su4 she4 he2 yi1 xiu3
        星宿: xing1 xiu4
        提供和提防: ti2 gong1 he2 di1 fang2
        挑选和挑战: tiao1 xuan3 he2 tiao3 zhan4
        帖子和请帖: tie3 zi5 he2 qing3 tie3
        同意和胡同: tong2 yi4 he2 hu2 tong4
        吐痰和呕吐: tu3 tan2 he2 ou3 tu4
        为难和行为: wei2 nan2 he2 xing2 wei2
        认为和作为: ren4 wei2 he2 zuo4 wei2
        委员和委屈: wei3 yuan2 he2 wei3 qu1
        吓人和恐吓: xia4 ren2 he2 kong3 he4
        鲜花和朝鲜: xian1 hua1 he2 chao2 xian1
        相信和照相: xiang1 xin4 he2 zhao4 xiang4
        相机: xiang4 ji1
        巷子: xiang4 zi5
        兴奋和高兴: xing1 fen4 he2 gao1 xing4
        兴趣: xing4 qu4
        行走和行业: xing2 zou3 he2 hang2 ye4
        自行车: zi4 xing2 che1
        行李: xing2 li3
        旅行: lv3 xing2
        人行道: ren2 xing2 dao4
        银行卡: yin2 hang2 ka3
        省得: sheng3 de5
        旋转和旋风: xuan2 zhuan3 he2 xuan2 feng1
        血压: xue4 ya1
        咽喉和咽下: yan1 hou2 he2 yan4 xia4
        要求和要是: yao1 qiu2 he2 yao4 shi4
        应该和反应: ying1 gai1 he2 fan3 ying4
        应用: ying4 yong4
        答应: da1 ying4
        佣人和佣金: yong1 ren2 he2 yong4 jin1
        与其和参与: yu3 qi2 he2 can1 yu4
        晕车和头晕: yun4 che1 he2 tou2 yun1
        载重和记载: zai4 zhong4 he2 ji4 zai3
        下载软件: xia4 zai4 ruan3 jian4
        装载: zhuang1 zai4
        脏话和心脏: zang1 hua4 he2 xin1 zang4
        择菜和选择: zhai2 cai4 he2 xuan3 ze2
        扎实和挣扎: zha1 shi2 he2 zheng1 zha2
        占领和占卜: zhan4 ling3 he2 zhan1 bu3
        涨价和涨红了脸: zhang3 jia4 he2 zhang4 hong2 le5 lian3
        着火了: zhao2 huo3 le5
        睡着了: shui4 zhao2 le5
        看着: kan4 zhe5
        着急: zhao2 ji2
        着陆: zhuo2 lu4
        正月和正确: zheng1 yue4 he2 zheng4 que4
        正在: zheng4 zai4
        挣钱和挣扎: zheng4 qian2 he2 zheng1 zha2
        中毒: zhong4 du2
        重复: chong2 fu4
        重量: zhong4 liang4
        重要: zhong4 yao4
        轴承: zhou2 cheng2
        属实: shu3 shi2
        转弯: zhuan3 wan1
        转动: zhuan3 dong4
        转圈: zhuan4 quan1
        左转然后右转: zuo3 zhuan3 ran2 hou4 you4 zhuan3
        向右转: xiang4 you4 zhuan3
        作业: zuo4 ye4
        作坊: zuo1 fang5
        钻石和钻研: zuan4 shi2 he2 zuan1 yan2
        长按电源键: chang2 an4 dian4 yuan2 jian4
        长度: chang2 du4
        增长: zeng1 zhang3
        年长: nian2 zhang3
        特长: te4 chang2
        专长: zhuan1 chang2
        成长: cheng2 zhang3
        酒店的行李: jiu3 dian4 de5 xing2 li3
        导航到重庆北站: dao3 hang2 dao4 chong2 qing4 bei3 zhan4
        长沙到长春: chang2 sha1 dao4 chang2 chun1
        播放下一曲: bo1 fang4 xia4 yi1 qu3
        行驶里程: xing2 shi3 li3 cheng2
        还能开多少公里: hai2 neng2 kai1 duo1 shao3 gong1 li3
        都江堰: du1 jiang1 yan4
        银川: yin2 chuan1
        厦门大学: xia4 men2 da4 xue2
        大厦: da4 sha4
        六安: lu4 an1
        蚌埠: beng4 bu4
        东莞: dong1 guan3
        番禺: pan1 yu2
        亳州: bo2 zhou1
        台州: tai1 zhou1
        洛阳: luo4 yang2
        西藏: xi1 zang4
        躲藏: duo3 cang2
        仔细: zi3 xi4
        仔猪: zi3 zhu1
        打折: da3 zhe2
        折断了: zhe2 duan4 le5
        折腾: zhe1 teng5
        参与者: can1 yu4 zhe3
        教给他: jiao1 gei3 ta1
        空调开着: kong1 tiao2 kai1 zhe5
        天气热得很: tian1 qi4 re4 de5 hen3
        车开得快: che1 kai1 de5 kuai4
        说得对: shuo1 de5 dui4
        得了冠军: de2 le5 guan4 jun1
        好得很: hao3 de5 hen3
        记得关灯: ji4 de5 guan1 deng1
        你得小心: ni3 dei3 xiao3 xin1
        觉得冷: jue2 de5 leng3
        有的是时间: you3 de5 shi4 shi2 jian1
        目的: mu4 di4
        的士: di1 shi4
        地铁: di4 tie3
        地方: di4 fang1
        飞快地跑: fei1 kuai4 di4 pao3
        不得不去: bu4 de2 bu4 qu4
        差得远: cha4 de5 yuan3
        大家都知道: da4 jia1 dou1 zhi1 dao4
        都十点了: dou1 shi2 dian3 le5
        还不错: hai2 bu4 cuo4
        还有多远: hai2 you3 duo1 yuan3
        还没到: hai2 mei2 dao4
        """
}
