namespace Automation.SendGrid;

/// <summary>One thing wrong with a request, SendGrid's or our own word for it.</summary>
/// <param name="Message">For a person.</param>
/// <param name="Field">Path such as <c>personalizations.0.to</c>; null when it is about the whole.</param>
/// <param name="Help">A page that says more, when SendGrid names one.</param>
public sealed record SendGridError(string Message, string? Field = null, string? Help = null)
{
    public override string ToString() => Field is null ? Message : $"{Field}: {Message}";
}
