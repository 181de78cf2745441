namespace Automation.Marketing.Mail.Content.Lint;

/// <summary>The rules, by the names that findings carry. They never change once shipped.</summary>
public static class LintCodes
{
    public const string Syntax = "syntax";
    public const string TooTangled = "too-tangled";
    public const string UnknownVariable = "unknown-variable";
    public const string UnknownMember = "unknown-member";
    public const string UnknownFunction = "unknown-function";
    public const string UnknownPartial = "unknown-partial";
    public const string BrokenPartial = "broken-partial";
    public const string MissingDefault = "missing-default";
    public const string MayFail = "may-fail";
    public const string NoSender = "no-sender";
    public const string NoAddress = "no-address";
    public const string NoInquiry = "no-inquiry";
    public const string NoUnsubscribe = "no-unsubscribe";
    public const string NoAlt = "no-alt";
    public const string EmptyImage = "empty-image";
    public const string EmptyLink = "empty-link";
    public const string RelativeLink = "relative-link";
    public const string DeadLink = "dead-link";
    public const string ScriptLink = "script-link";
    public const string InsecureLink = "insecure-link";
    public const string TooLarge = "too-large";
    public const string ImageOnly = "image-only";
    public const string OfferInCare = "offer-in-care";
    public const string SpamSubject = "spam-subject";
    public const string EmptySubject = "empty-subject";
    public const string LongSubject = "long-subject";
    public const string Unescaped = "unescaped";
    public const string ForeignMark = "foreign-mark";
    public const string NoText = "no-text";
    public const string NoHtml = "no-html";
    public const string NoLanguage = "no-language";
    public const string Settings = "settings";
    public const string RenderFails = "render-fails";
}
