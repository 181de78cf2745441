using System.Text;

namespace Automation.Marketing.Imports;

/// <summary>The columns of a kind of file, and the other names they go by.</summary>
internal sealed class ImportColumns
{
    private readonly string[] names;
    private readonly Dictionary<string, int> byHeader = new(StringComparer.Ordinal);

    private ImportColumns(params (string Name, string[] Others)[] columns)
    {
        names = [.. columns.Select(column => column.Name)];
        for (var at = 0; at < columns.Length; at++)
            foreach (var name in columns[at].Others.Prepend(columns[at].Name)) byHeader.Add(Fold(name), at);
    }

    public static readonly ImportColumns Customers = new(
        ("external_id", ["会員番号", "顧客番号", "会員ID", "顧客ID", "お客様番号", "customer_id"]),
        ("email", ["メールアドレス", "Eメール", "メール", "mail"]),
        ("name", ["氏名", "お名前", "名前", "顧客名"]),
        ("kana", ["フリガナ", "ふりがな", "カナ", "氏名カナ"]),
        ("company", ["会社名", "会社", "法人名"]),
        ("postal_code", ["郵便番号", "zip"]),
        ("prefecture", ["都道府県"]),
        ("address", ["住所"]),
        ("phone", ["電話番号", "電話", "TEL"]),
        ("birth_date", ["生年月日", "誕生日"]),
        ("tags", ["タグ"]));

    public static readonly ImportColumns Purchases = new(
        ("order_id", ["注文番号", "注文ID", "受注番号"]),
        ("line", ["明細", "明細番号", "行番号"]),
        ("external_id", ["会員番号", "顧客番号", "会員ID", "顧客ID", "お客様番号", "customer_id"]),
        ("date", ["注文日", "購入日", "受注日"]),
        ("product", ["商品名", "商品"]),
        ("category", ["カテゴリ", "カテゴリー", "分類"]),
        ("quantity", ["数量", "個数"]),
        ("net", ["金額", "売上", "購入金額", "売上金額"]),
        ("cost", ["原価"]),
        ("currency", ["通貨"]));

    public static readonly ImportColumns Deals = new(
        ("deal_id", ["案件番号", "案件ID", "商談番号"]),
        ("external_id", ["会員番号", "顧客番号", "会員ID", "顧客ID", "お客様番号", "customer_id"]),
        ("stage", ["ステージ", "フェーズ", "段階"]),
        ("owner", ["担当者", "担当", "営業担当"]),
        ("amount", ["金額", "案件金額", "見込金額"]),
        ("next_action", ["次のアクション", "次回アクション", "ネクストアクション"]),
        ("next_action_on", ["次回予定日", "次回日", "次回予定"]));

    public static readonly ImportColumns Suppressions = new(
        ("email", ["メールアドレス", "Eメール", "メール", "mail"]),
        ("reason", ["理由", "区分"]),
        ("detail", ["詳細", "備考"]),
        ("since", ["登録日", "日付"]));

    public static readonly ImportColumns Connections = new(
        ("colleague", ["担当者", "社内の担当者", "社員"]),
        ("external_id", ["会員番号", "顧客番号", "会員ID", "顧客ID", "お客様番号", "customer_id"]),
        ("email", ["メールアドレス", "Eメール", "メール", "mail"]),
        ("company", ["会社名", "会社", "法人名"]),
        ("strength", ["関係", "関係の深さ", "親しさ"]),
        ("since", ["いつから", "開始日", "日付"]),
        ("note", ["メモ", "備考"]));

    public IReadOnlyList<string> Names => names;

    public int Find(string header) => byHeader.GetValueOrDefault(Fold(header), -1);

    /// <summary>Width, case, spaces, hyphens and underscores make no difference.</summary>
    private static string Fold(string header)
    {
        var folded = new StringBuilder(header.Length);
        foreach (var c in header.Normalize(NormalizationForm.FormKC))
            if (c is not (' ' or '_' or '-')) folded.Append(char.ToLowerInvariant(c));
        return folded.ToString();
    }
}
