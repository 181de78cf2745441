namespace Automation.SendGrid.StandIn.Tests;

/// <summary>One typed request for each documented limit that types alone do not hold.</summary>
internal static class BadRequests
{
    private static readonly MailSendRequest Good = Mail.To("ada@example.com");

    public static IEnumerable<MailSendRequest> All()
    {
        yield return Good with { Personalizations = [] };
        yield return Mail.To([.. Enumerable.Range(0, 1001).Select(n => $"p{n}@example.com")]) with { Subject = "many" };
        yield return Mail.To("not-an-address");
        yield return Mail.To(new string('a', 310) + "@example.com");
        yield return Good with { From = new("nobody") };
        yield return Good with { Subject = null };
        yield return Good with { Subject = "" };
        yield return Good with { Content = null };
        yield return Good with { Content = [] };
        yield return Good with { Content = [new("text/html", "<p>"), new("text/plain", "p")] };
        yield return Good with { Content = [new("text/plain", "")] };
        yield return Good with { Content = [new("", "p")] };
        yield return Good with { ReplyTo = new("r@example.org"), ReplyToList = [new("s@example.org")] };
        yield return Good with { ReplyTo = new("r") };
        yield return Good with { Categories = [.. Enumerable.Range(0, 11).Select(n => $"c{n}")] };
        yield return Good with { Categories = ["same", "same"] };
        yield return Good with { Categories = [new string('c', 256)] };
        yield return Good with { Categories = [""] };
        yield return Good with { Categories = ["春"] };
        yield return Good with { Headers = Pair("Subject", "x") };
        yield return Good with { Headers = Pair("A B", "x") };
        yield return Good with { Asm = new(1, [.. Enumerable.Range(0, 26)]) };
        yield return Good with { IpPoolName = "p" };
        yield return Good with { IpPoolName = new string('p', 65) };
        yield return Good with { Attachments = [new("***", "a.txt")] };
        yield return Good with { Attachments = [new("", "a.txt")] };
        yield return Good with { Attachments = [new("AAAA", "a.txt", Disposition: "beside")] };
        yield return Good with { SendAt = TimeProvider.System.GetUtcNow().AddHours(73) };
        foreach (var one in Personalizations()) yield return Good with { Personalizations = [one] };
    }

    private static IEnumerable<Personalization> Personalizations()
    {
        var good = new Personalization { To = [new("ada@example.com")] };
        yield return good with { To = [] };
        yield return good with { To = [new("ada@example.com", "Lovelace; Ada")] };
        yield return good with { Cc = [new("Ada@example.com")] };
        yield return good with { Bcc = [new("bob")] };
        yield return good with { From = new("bob") };
        yield return good with { Subject = "" };
        yield return good with { CustomArgs = new Dictionary<string, string>() };
        yield return good with { CustomArgs = Pair("k", new string('é', 5000)) };
        yield return good with { Substitutions = Pair("k", new string('v', 10_000)) };
        yield return good with { Headers = Pair("DKIM-Signature", "x") };
        yield return good with { SendAt = TimeProvider.System.GetUtcNow().AddHours(73) };
        yield return good with { Cc = [.. Enumerable.Range(0, 1000).Select(n => new MailAddress($"p{n}@example.com"))] };
    }

    private static Dictionary<string, string> Pair(string name, string value) => new() { [name] = value };
}
