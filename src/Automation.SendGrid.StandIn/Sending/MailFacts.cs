using System.Runtime.InteropServices;
using System.Text.Json;

namespace Automation.SendGrid.StandIn;

/// <summary>What is kept in memory of a request that keeps its rules.</summary>
/// <param name="From">Address.</param>
/// <param name="Subject">Of the message.</param>
/// <param name="Categories">JSON array, or null.</param>
/// <param name="AsmGroupId">Unsubscribe group, or null.</param>
/// <param name="SendAt">Of the message.</param>
/// <param name="Sandbox">Only to be checked.</param>
/// <param name="Mails">One for each personalization.</param>
internal sealed record RequestFacts(
    string From, string? Subject, byte[]? Categories, long? AsmGroupId, long? SendAt, bool Sandbox, MailFacts[] Mails)
{
    /// <param name="request">Already checked by <see cref="MailSendRules"/>.</param>
    public static RequestFacts Of(JsonElement request)
    {
        var shared = request.TryGetProperty("custom_args"u8, out var args) ? args : default;
        var personalizations = request.GetProperty("personalizations"u8);
        var mails = new MailFacts[personalizations.GetArrayLength()];
        var index = 0;
        foreach (var one in personalizations.EnumerateArray()) mails[index++] = MailFacts.Of(one, shared);
        return new RequestFacts(
            request.GetProperty("from"u8).GetProperty("email"u8).GetString()!,
            request.TryGetProperty("subject"u8, out var subject) ? subject.GetString() : null,
            request.TryGetProperty("categories"u8, out var categories) ? JsonMarshal.GetRawUtf8Value(categories).ToArray() : null,
            request.TryGetProperty("asm"u8, out var asm) ? asm.GetProperty("group_id"u8).GetInt64() : null,
            MailFacts.Instant(request),
            IsSandbox(request),
            mails);
    }

    private static bool IsSandbox(JsonElement request) =>
        request.TryGetProperty("mail_settings"u8, out var settings)
        && settings.TryGetProperty("sandbox_mode"u8, out var sandbox)
        && sandbox.TryGetProperty("enable"u8, out var enable)
        && enable.GetBoolean();
}

/// <param name="To">First recipient's address.</param>
/// <param name="Subject">The personalization's own, or null.</param>
/// <param name="CustomArgs">JSON object with the message's and the personalization's, or null.</param>
/// <param name="SendAt">The personalization's own, Unix seconds.</param>
internal sealed record MailFacts(string To, string? Subject, byte[]? CustomArgs, long? SendAt)
{
    public static MailFacts Of(JsonElement one, JsonElement sharedArgs) => new(
        one.GetProperty("to"u8)[0].GetProperty("email"u8).GetString()!,
        one.TryGetProperty("subject"u8, out var subject) ? subject.GetString() : null,
        Arguments(one, sharedArgs),
        Instant(one));

    /// <summary>Every address of to, cc and bcc that is a string.</summary>
    public static List<string> Addresses(JsonElement one)
    {
        var all = new List<string>();
        foreach (var list in (ReadOnlySpan<string>)["to", "cc", "bcc"])
        {
            if (!one.TryGetProperty(list, out var addresses) || addresses.ValueKind is not JsonValueKind.Array) continue;
            foreach (var address in addresses.EnumerateArray())
            {
                if (address.ValueKind is JsonValueKind.Object && address.TryGetProperty("email"u8, out var email)
                    && email.ValueKind is JsonValueKind.String)
                    all.Add(email.GetString()!);
            }
        }

        return all;
    }

    // A schedule beyond what fits is long refused; a fraction-free real such as 1.0 counts as at once.
    public static long? Instant(JsonElement of) =>
        of.TryGetProperty("send_at"u8, out var at) && at.TryGetInt64(out var seconds) ? seconds : null;

    private static byte[]? Arguments(JsonElement one, JsonElement shared)
    {
        var hasOwn = one.TryGetProperty("custom_args"u8, out var own);
        if (shared.ValueKind is JsonValueKind.Undefined) return hasOwn ? JsonMarshal.GetRawUtf8Value(own).ToArray() : null;
        if (!hasOwn) return JsonMarshal.GetRawUtf8Value(shared).ToArray();
        var merged = new Dictionary<string, string?>();
        foreach (var argument in shared.EnumerateObject()) merged[argument.Name] = argument.Value.GetString();
        foreach (var argument in own.EnumerateObject()) merged[argument.Name] = argument.Value.GetString();
        return JsonSerializer.SerializeToUtf8Bytes(merged, StandInJson.Default.DictionaryStringString);
    }
}
