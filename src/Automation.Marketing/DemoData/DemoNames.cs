namespace Automation.Marketing.DemoData;

/// <summary>One name in its three spellings.</summary>
internal sealed record DemoName(string Written, string Kana, string Roman);

/// <summary>Names as they are met in a Japanese customer list. Frequent surnames come first and are drawn more often.</summary>
internal static class DemoNames
{
    public static readonly IReadOnlyList<DemoName> Surnames = Read("""
        佐藤 サトウ sato|鈴木 スズキ suzuki|高橋 タカハシ takahashi|田中 タナカ tanaka|伊藤 イトウ ito|渡辺 ワタナベ watanabe|山本 ヤマモト yamamoto
        中村 ナカムラ nakamura|小林 コバヤシ kobayashi|加藤 カトウ kato|吉田 ヨシダ yoshida|山田 ヤマダ yamada|山口 ヤマグチ yamaguchi|松本 マツモト matsumoto
        井上 イノウエ inoue|木村 キムラ kimura|林 ハヤシ hayashi|清水 シミズ shimizu|山崎 ヤマザキ yamazaki|森 モリ mori|池田 イケダ ikeda
        橋本 ハシモト hashimoto|阿部 アベ abe|石川 イシカワ ishikawa|前田 マエダ maeda|藤田 フジタ fujita|小川 オガワ ogawa|後藤 ゴトウ goto
        岡田 オカダ okada|長谷川 ハセガワ hasegawa|村上 ムラカミ murakami|近藤 コンドウ kondo|石井 イシイ ishii|坂本 サカモト sakamoto|遠藤 エンドウ endo
        青木 アオキ aoki|藤井 フジイ fujii|西村 ニシムラ nishimura|福田 フクダ fukuda|太田 オオタ ota|三浦 ミウラ miura|岡本 オカモト okamoto
        松田 マツダ matsuda|中川 ナカガワ nakagawa|中野 ナカノ nakano|原田 ハラダ harada|小野 オノ ono|田村 タムラ tamura|竹内 タケウチ takeuchi
        金子 カネコ kaneko|和田 ワダ wada|中山 ナカヤマ nakayama|石田 イシダ ishida|上田 ウエダ ueda|森田 モリタ morita|原 ハラ hara
        酒井 サカイ sakai|工藤 クドウ kudo|横山 ヨコヤマ yokoyama|宮崎 ミヤザキ miyazaki|宮本 ミヤモト miyamoto|内田 ウチダ uchida|高木 タカギ takagi
        安藤 アンドウ ando|谷口 タニグチ taniguchi|大野 オオノ ono|丸山 マルヤマ maruyama|今井 イマイ imai|河野 コウノ kono|藤本 フジモト fujimoto
        村田 ムラタ murata|武田 タケダ takeda|上野 ウエノ ueno|杉山 スギヤマ sugiyama|増田 マスダ masuda|平野 ヒラノ hirano|大塚 オオツカ otsuka
        千葉 チバ chiba|久保 クボ kubo|松井 マツイ matsui|小島 コジマ kojima|岩崎 イワサキ iwasaki|桜井 サクライ sakurai|野口 ノグチ noguchi
        松尾 マツオ matsuo|木下 キノシタ kinoshita|菊地 キクチ kikuchi|野村 ノムラ nomura|新井 アライ arai|坪田 ツボタ tsubota|笠島 カサジマ kasajima
        南部 ナンブ nambu|小木曽 オギソ ogiso|勘解由小路 カデノコウジ kadenokoji
        """);

    public static readonly IReadOnlyList<DemoName> Women = Read("""
        陽子 ヨウコ yoko|恵子 ケイコ keiko|幸子 サチコ sachiko|和子 カズコ kazuko|洋子 ヨウコ yoko|久美子 クミコ kumiko|由美子 ユミコ yumiko
        直美 ナオミ naomi|明美 アケミ akemi|真由美 マユミ mayumi|裕子 ユウコ yuko|智子 トモコ tomoko|美穂 ミホ miho|香織 カオリ kaori
        恵美 エミ emi|典子 ノリコ noriko|京子 キョウコ kyoko|千尋 チヒロ chihiro|麻衣 マイ mai|彩 アヤ aya|愛 アイ ai
        美咲 ミサキ misaki|葵 アオイ aoi|さくら サクラ sakura|ひかり ヒカリ hikari|まゆみ マユミ mayumi|陽菜 ハルナ haruna|結衣 ユイ yui
        奈津子 ナツコ natsuko|佳代 カヨ kayo|節子 セツコ setsuko|文子 フミコ fumiko|早苗 サナエ sanae|順子 ジュンコ junko|律子 リツコ ritsuko
        """);

    public static readonly IReadOnlyList<DemoName> Men = Read("""
        誠 マコト makoto|浩 ヒロシ hiroshi|健一 ケンイチ kenichi|和夫 カズオ kazuo|隆 タカシ takashi|修 オサム osamu|茂 シゲル shigeru
        大輔 ダイスケ daisuke|拓也 タクヤ takuya|直樹 ナオキ naoki|哲也 テツヤ tetsuya|達也 タツヤ tatsuya|健太 ケンタ kenta|翔太 ショウタ shota
        亮 リョウ ryo|学 マナブ manabu|剛 ツヨシ tsuyoshi|雄一 ユウイチ yuichi|正樹 マサキ masaki|秀樹 ヒデキ hideki|俊介 シュンスケ shunsuke
        一郎 イチロウ ichiro|幸雄 ユキオ yukio|勝 マサル masaru|進 ススム susumu|蓮 レン ren|悠斗 ユウト yuto|航 ワタル wataru
        純一 ジュンイチ junichi|敏夫 トシオ toshio|昭 アキラ akira|博之 ヒロユキ hiroyuki|康平 コウヘイ kohei|慎也 シンヤ shinya|清 キヨシ kiyoshi
        """);

    /// <summary>Customers who read English.</summary>
    public static readonly IReadOnlyList<string> English =
    [
        "Emma Clarke", "James Whitfield", "Olivia Brandt", "Lucas Moreau", "Sophie Lindqvist", "Daniel O'Connor", "Grace Tan", "Henry Fielding",
        "Isabel Romero", "Noah Becker", "Chloe Nguyen", "Adam Kowalski", "Hannah Weiss", "Marco Bellini", "Ruth Abrams", "Peter van Dijk",
        "Mia Andersson", "Thomas Reed", "Ana Ferreira", "Kevin Park", "Laura Schmidt", "Jack Sullivan", "Priya Nair", "Zoe Papadopoulos",
    ];

    private static DemoName[] Read(string table) =>
        [.. table.Split(['|', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(entry => entry.Split(' '))
            .Select(spelling => new DemoName(spelling[0], spelling[1], spelling[2]))];
}
