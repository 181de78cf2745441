using System.Text;
using Automation.Marketing.Contacts;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Mail.Suppression;

/// <summary>The words of <see cref="SuppressionReason"/> that files use.</summary>
public static class SuppressionReasons
{
    private static readonly Dictionary<string, SuppressionReason> ByWord = new(StringComparer.OrdinalIgnoreCase)
    {
        ["complaint"] = SuppressionReason.Complaint,
        ["hard-bounce"] = SuppressionReason.HardBounce,
        ["legal"] = SuppressionReason.Legal,
        ["manual"] = SuppressionReason.Manual,
        ["provider-dropped"] = SuppressionReason.ProviderDropped,
    };

    public static IReadOnlyCollection<string> Words => ByWord.Keys;

    public static bool TryParse(string? word, out SuppressionReason reason) => ByWord.TryGetValue(word ?? "", out reason);

    public static string Word(this SuppressionReason reason) => ByWord.First(pair => pair.Value == reason).Key;

    /// <summary>Taken off only by someone who looks after the data, who types the address once more: mail there does harm.</summary>
    public static bool NeedsSteward(this SuppressionReason reason) => reason is not SuppressionReason.Manual;
}

/// <summary>The addresses that nothing is sent to: added and taken off by hand, and as a file.</summary>
public static class SuppressionList
{
    /// <param name="detail">Why; kept with the address.</param>
    /// <exception cref="RuleBrokenException">It is no address, the reason is not one to give by hand, or nothing says why.</exception>
    public static async Task AddAsync(
        AutomationDb db, string? address, SuppressionReason reason, string? detail, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        if (!EmailAddress.TryParse(address, out var parsed)) throw new RuleBrokenException("This is not a mail address.");
        if (reason is not (SuppressionReason.Manual or SuppressionReason.Legal)) throw new RuleBrokenException("By hand an address is taken off for a legal objection or another reason only.");
        CheckDetail(detail);
        await using var transaction = await db.BeginWriteAsync(cancellation);
        await Refusals.SuppressAsync(db, parsed.Key, reason, actor, detail!.Trim(), now, now, cancellation);
        await Audit.WriteAsync(db, actor, "suppression.added", parsed.Key, detail.Trim(), null, new { reason = reason.Word() }, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>The address may be mailed again as far as this reason goes; what the person withdrew stays withdrawn.</summary>
    /// <param name="isSteward">The person at the screen looks after the data.</param>
    /// <param name="typed">The address as typed once more.</param>
    /// <exception cref="RuleBrokenException">It is not on the list, or not for this person to take off, or not confirmed.</exception>
    public static async Task RemoveAsync(
        AutomationDb db, string addressKey, SuppressionReason reason, string? why, bool isSteward, string? typed, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        if (reason.NeedsSteward() && !isSteward) throw new RuleBrokenException("Only a data steward takes off an address that complained, bounced or objected.");
        if (reason.NeedsSteward() && !string.Equals(typed?.Trim(), addressKey, StringComparison.OrdinalIgnoreCase))
            throw new RuleBrokenException("Type the address exactly to confirm that it may be mailed again.");
        CheckDetail(why);
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var row = await db.SuppressedAddresses.SingleOrDefaultAsync(one => one.AddressKey == addressKey && one.Reason == reason, cancellation)
            ?? throw new RuleBrokenException("This address is not on the list any more.");
        db.SuppressedAddresses.Remove(row);
        await db.SaveChangesAsync(cancellation);
        await Audit.WriteAsync(
            db, actor, "suppression.removed", addressKey, why!.Trim(), new { reason = reason.Word(), row.Source, row.Detail, row.At }, null, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>The whole list as the CSV that an import takes.</summary>
    public static async Task ExportAsync(AutomationDb db, TextWriter output, CancellationToken cancellation)
    {
        await output.WriteLineAsync("email,reason,detail,since");
        await foreach (var one in db.SuppressedAddresses.AsNoTracking().OrderBy(s => s.AddressKey).ThenBy(s => s.Reason).AsAsyncEnumerable().WithCancellation(cancellation))
        {
            var since = DateOnly.FromDateTime(one.At.UtcDateTime);
            await output.WriteLineAsync($"{Field(one.AddressKey)},{one.Reason.Word()},{Field(one.Detail ?? "")},{LocalTime.Iso(since)}");
        }
    }

    private static void CheckDetail(string? why)
    {
        if (string.IsNullOrWhiteSpace(why) || why.Length > AuditEntry.MaxReason)
            throw new RuleBrokenException($"Say why, in at most {AuditEntry.MaxReason} characters; it is kept.");
    }

    // Details come from other people's servers: a spreadsheet must not take one for a formula.
    private static string Field(string text)
    {
        if (text.Length > 0 && "=+-@\t\r".Contains(text[0], StringComparison.Ordinal)) text = "'" + text;
        if (text.AsSpan().IndexOfAny("\",\r\n") < 0) return text;
        return new StringBuilder(text.Length + 8).Append('"').Append(text.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"').ToString();
    }
}
