using Automation.Marketing.Contacts.Scoring;
using Automation.Marketing.Deals;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Wording;

/// <summary>How scoring and hand-offs read.</summary>
public sealed class LeadWords(IStringLocalizer words)
{
    /// <summary>The shipped rules by their name; own ones keep theirs.</summary>
    public string Rule(string id) => id switch
    {
        "form" => words["Form or document"],
        "inquiry" => words["Asked for a quote or a call"],
        "reply" => words["Replied to a mail"],
        "seminar" => words["Attended a seminar"],
        "price-page" => words["Looked at prices"],
        "click" => words["Clicked in a mail"],
        "open" => words["Opened a mail"],
        _ => id,
    };

    public string Field(string field) => field switch
    {
        "name" => words["Name"],
        "kana" => words["Kana"],
        "company" => words["Company"],
        "postal_code" => words["Postal code"],
        "prefecture" => words["Prefecture"],
        "address" => words["Address"],
        "phone" => words["Phone"],
        "email" => words["Mail address"],
        "language" => words["Language"],
        "time_zone" => words["Time zone"],
        "birth_date" => words["Birthday"],
        "tag" => words["Tag"],
        _ => field,
    };

    public string Operator(FitOperator how) => how switch
    {
        FitOperator.Present => words["is known"],
        FitOperator.Absent => words["is not known"],
        FitOperator.Is => words["is one of"],
        FitOperator.Contains => words["contains"],
        FitOperator.AtLeast => words["is at least"],
        _ => words["is at most"],
    };

    public string Method(OwnerMethod method) => method switch
    {
        OwnerMethod.RoundRobin => words["In turn"],
        OwnerMethod.Load => words["Whoever has the fewest open deals"],
        OwnerMethod.Territory => words["By prefecture"],
        _ => words["Nobody: who comes first has it"],
    };

    /// <summary>What a rule of fit asks for, e.g. <c>Prefecture is one of 福井県</c>.</summary>
    public string Of(FitRule rule) => $"{Field(rule.Field)} {Operator(rule.Operator)} {rule.Value}".TrimEnd();
}
