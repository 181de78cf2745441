using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Wording;

/// <summary>The topics of mails as recipients read them.</summary>
internal static class TopicWords
{
    // A greeting is no subject that one chooses.
    private const string Welcome = "welcome";

    /// <summary>What recipients choose among: the topics of the marketing templates there are.</summary>
    public static IReadOnlyList<string> Offered(TemplateCatalogue catalogue) =>
    [
        .. catalogue.All.Where(template => template.Class is MessageClass.Marketing).SelectMany(template => template.Topics)
            .Where(topic => topic != Welcome).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    public static string Name(string topic, IStringLocalizer words) => topic switch
    {
        "newsletter" => words["Newsletter"],
        "season" => words["News of the season"],
        "gift" => words["Gifts"],
        "care" => words["Thanks and care"],
        "business" => words["For business customers"],
        Welcome => words["Welcome"],
        _ => topic,
    };
}
