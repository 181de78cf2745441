using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Mail.Suppression;

namespace Automation.Marketing.DemoData;

/// <summary>One line of the demo company's consent ledger.</summary>
internal sealed record DemoConsent(
    Guid Id, DemoPerson Person, ConsentState State, ConsentBasis Basis, string Source, string? Evidence, string Actor, DateTimeOffset At);

/// <summary>An address that bounced or complained.</summary>
internal sealed record DemoSuppression(string AddressKey, SuppressionReason Reason, string Detail, DateTimeOffset At);

/// <summary>Invents what people have said about being mailed: most agreed, some never did, some took it back.</summary>
internal sealed class DemoConsents(DemoDice dice, DemoTime time)
{
    private const double NeverAsked = 4;
    private const double TookItBack = 4;

    public IEnumerable<DemoConsent> Of(DemoPerson person)
    {
        if (person.Email is null || (person.Company is null && dice.Chance(NeverAsked))) yield break;
        var granted = Granted(person);
        yield return granted;
        if (person.Company is null && dice.Chance(TookItBack))
        {
            yield return new DemoConsent(
                dice.NewId(), person, ConsentState.Withdrawn, ConsentBasis.OwnWithdrawal, "mail:unsubscribe-link", Evidence: null, "person", time.Since(person.CreatedAt, dice));
        }
    }

    /// <summary>About six in a thousand addresses are dead; two people in all called a mail spam.</summary>
    public IEnumerable<DemoSuppression> Suppressions(IReadOnlyList<DemoPerson> people)
    {
        var complaints = 2;
        foreach (var person in people.Where(each => each is { Email: not null, Company: null }))
        {
            if (!dice.Chance(0.7)) continue;
            var at = time.Since(person.CreatedAt, dice);
            yield return complaints-- > 0
                ? new DemoSuppression(person.Email!, SuppressionReason.Complaint, "spamreport", at)
                : new DemoSuppression(person.Email!, SuppressionReason.HardBounce, "550 5.1.1 mailbox unavailable", at);
        }
    }

    private DemoConsent Granted(DemoPerson person)
    {
        var (basis, source, evidence, actor) = person.Company is not null
            ? (ConsentBasis.BusinessCard, "import:meishi.csv", "展示会で名刺を交換（営業台帳に写し）", "import")
            : dice.Between(1, 100) switch
            {
                <= 8 => (ConsentBasis.ExistingRelationship, "import:customers.csv", "過去のご注文（注文台帳）", "import"),
                <= 16 => (ConsentBasis.DoubleOptIn, "form:newsletter", "港だより申込み 文面 第2版、確認リンク", "person"),
                _ => (ConsentBasis.OptIn, "form:checkout", "ご注文画面 文面 第3版、未選択から選択", "person"),
            };
        return new DemoConsent(dice.NewId(), person, ConsentState.Granted, basis, source, evidence, actor, person.CreatedAt);
    }
}
