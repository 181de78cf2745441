namespace Automation.SendGrid.Tests.Sending;

internal static class Request
{
    public static MailSendRequest To(string address) => Of(new Personalization
    {
        To = [new(address)],
        CustomArgs = new Dictionary<string, string> { ["automation_message_id"] = $"m-{address}" },
    });

    public static MailSendRequest Of(params Personalization[] personalizations) => new()
    {
        Personalizations = personalizations,
        From = new("news@example.org"),
        Subject = "Hello",
        Content = [new("text/plain", "Hello"), new("text/html", "<p>Hello</p>")],
    };
}
