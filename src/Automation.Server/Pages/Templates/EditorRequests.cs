using System.Text.Json.Serialization;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content.Authoring;
using Automation.Marketing.Mail.Content.Lint;
using Automation.Marketing.Mail.Content.Preview;

namespace Automation.Server.Pages.Templates;

/// <summary>A template or shared part as the editor sends it.</summary>
internal sealed class WrittenTemplate
{
    [JsonConverter(typeof(JsonStringEnumConverter<MessageClass>))]
    public MessageClass Class { get; init; }

    [JsonConverter(typeof(JsonStringEnumConverter<Approach>))]
    public Approach Approach { get; init; }

    public IReadOnlyList<string?>? Topics { get; init; }
    public string? Defaults { get; init; }
    public IReadOnlyDictionary<string, WrittenParts?>? Parts { get; init; }

    /// <summary>The text of a shared part.</summary>
    public string? Partial { get; init; }

    /// <exception cref="Marketing.BadInputException">It cannot be kept; the field is named.</exception>
    public TemplateContent ToContent(string id) => TemplateIds.IsPartial(id)
        ? TemplateContent.OfPartial(id, Partial ?? "")
        : TemplateContent.Of(new TemplateSource(
            id, Class, Approach, [.. (Topics ?? []).Select(topic => topic ?? "")], Defaults ?? "",
            (Parts ?? new Dictionary<string, WrittenParts?>()).ToDictionary(
                pair => pair.Key, pair => new PartsSource(pair.Value?.Subject ?? "", pair.Value?.Html ?? "", pair.Value?.Text ?? ""), StringComparer.Ordinal)));
}

internal sealed class WrittenParts
{
    public string? Subject { get; init; }
    public string? Html { get; init; }
    public string? Text { get; init; }
}

/// <param name="Stamp">Of the draft that was opened or saved last; null: there was none.</param>
/// <param name="BasedOn">The version that was opened.</param>
internal sealed record SaveWish(WrittenTemplate? Content, Guid? Stamp, int BasedOn);

/// <param name="AsTransactional">The box was ticked.</param>
internal sealed record PublishWish(Guid Stamp, string? Note, bool AsTransactional);

internal sealed record HtmlWish(string? Html);

/// <summary>What is to be looked at, and as whom.</summary>
internal sealed class PreviewWish
{
    public WrittenTemplate? Content { get; init; }
    public string? Language { get; init; }
    public Guid? ContactId { get; init; }

    [JsonConverter(typeof(JsonStringEnumConverter<SamplePerson>))]
    public SamplePerson? Sample { get; init; }

    /// <summary>The template that a shared part is shown in.</summary>
    public string? Within { get; init; }

    public bool Dark { get; init; }
    public bool Images { get; init; }

    /// <summary>Where a test mail goes.</summary>
    public string? Address { get; init; }
}
