using Automation.Marketing.Mail.Content;

namespace Automation.Server.Pages.Flows;

/// <summary>A template to be chosen, with what it says beside it.</summary>
/// <param name="Field">Of the form.</param>
/// <param name="Kind">Last part of the page's address.</param>
public sealed record TemplateChoice(string Field, string Label, string? Value, IReadOnlyList<MailTemplate> Templates, string Kind, bool MayBeNone);
