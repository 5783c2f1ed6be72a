"""What people say to a campaign that is no code, in English, Chinese and pinyin, with the numbers that they mention."""

ENGLISH = """
hi there how are you today
is this the number for the snack promotion
where do i find the code on the bag
I bought 3 bags at the shop on 5th avenue and none had a code
my order number is 20261128001
the card has no code at all what now
can i play with 2 phones at once
when does it end? is it until 28 feb 2027
we meet at 7pm at the corner of 12th and main
i have 2 kids and 1 dog lol
how many points do i have now
I won last week but nothing came yet
my address is 12 high street flat 4b london sw1a 1aa
please send it to 221b baker street
call me at 12:30 or after 6 pm
ok see you at 10 then
it says 50% off but I paid 19.99
what is the prize for 1st place
no code inside my pack from batch 7
is it 12 or 16 letters long?
the first letter is a zero or an o i can not tell
sorry wrong number
thank you so much you made my day
why did i get nothing 5 times in a row
i am 35 years old and live in room 1204 block 3
do you ship to the us or only in the eu
my son is 8 and loves your chips
best before 03 2027 is printed on the back
lot 44b expires 12 jan 2027
can my wife use the same phone number as me
tell me more about the torch relay please
who is the winner of the iphone 15 pro max
I live in apartment 5c building 22 road 9
what time is it there now
happy new year to all of you
merry xmas and a good 2027
good morning is anybody there
I sent the text 3 times already and it still says error 404
the shop at km 12 has no more bags
take the no 7 bus to gate b2
version 2.0 of the app does not open on android 14
my email is jo.smith99 at gmail dot com
is there a limit per day like 10 a day
the total was 45.50 and i got 2 for the price of 1
my size is 42 or xl
it was a gift from my aunt mary for my 18th birthday
can you hear me
let me know if you need more info from me
i think my code was cut in half
half of it is gone and the rest reads 7 something
the wifi here is so slow it took 5 min to load
how old do i have to be to play, 16 or 18
got it thanks bye
i want my money back now
this is the 4th time i ask the same thing
we are 4 people in one home can each of us play
does each pack have a new code in it
I will try again at 8 am with the other one
do i need to keep the bag to get the mug
my friend has 120 points and i only have 40
can i give him 20 of mine
what can i buy for 200 points
my flight lands at 9:45 at gate 12a
we need 6 cups and 12 plates for the party
the code under the lid is wet and i see only b and 8
call 13800138000 after lunch
my number is +86 139 1234 5678
tel 021-5555 1234 ext 12
ticket a12 row 7 seat 14
see page 4 of the pdf
win a trip for 2 to rome or 1000 usd in cash
100% free?? is it real or a scam
at 8 at noon at 10 i was not at home
it is me tom again we met at the fair on day 2
""".strip().split("\n")

CHINESE = """
你好，请问这个活动怎么参加
我买了3包，一个码都没有
在吗？有人吗
什么时候开奖，是12月31日吗
我的订单号是20261128001，请查一下
收货人：王小明 手机号码：13800138000 地址：北京市朝阳区建国路88号3单元1204室
奖品什么时候发货，已经等了7天
我中了一等奖吗
码刮坏了只能看到后面4位怎么办
一天可以抽几次？10次？
可以用两个手机号玩吗
我今年35岁，住在上海市浦东新区张江路1号
这个是不是骗人的，100%中奖吗
积分怎么用，我有120分
2999元的手机还有吗
谢谢你们，祝新年快乐2027
我老婆也想参加可以吗
第3个字是0还是O
你们客服电话是400-820-8820吗
下午5点半在3号门见
我在A座5楼B2室
生产批号是20261101A，保质期12个月
为什么总是说稍后再试
快递单号SF怎么查
iPhone 15 Pro Max 什么颜色
WiFi密码是多少
我要投诉
怎么还没有收到，都11月28号了
一共花了45.5元，买二送一
我家有4口人
7-11便利店有卖吗
3Q 88
666 太棒了
520 1314
""".strip().split("\n")

PINYIN = """
ni hao wo xiang duijiang
zenme canjia huodong
wo mai le 3 bao mei you ma
jiang pin shenme shihou fa huo
wo de dianhua shi 13800138000
ni men de kefu ne
wo zhong jiang le ma
duo shao ren zhong jiang le 100 ge
zai ma zai ma
xie xie ni men
wo jia zhu zai 3 hao lou 5 ceng
mingtian 8 dian jian
yi tian ke yi chou 10 ci ma
wo you 120 fen neng huan shen me
ma zai na li zhao
bao zhuang shang de ma kan bu qing
ma shi 12 wei hai shi 16 wei
wo lao po ye xiang wan
hao de zai jian
lai yi bao mian fei de
qing wen zhe ge shi zhen de ma
wo 35 sui le
jin tian xia wu 5 dian ban
da jia hao wo shi xiao wang
dengle 7 tian hai mei dao
3 ge hai zi dou xihuan chi
""".strip().split("\n")

SENTENCES = (*ENGLISH, *CHINESE, *PINYIN)
