using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Storage;
using Automation.SendGrid;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Mail.GoingLive;

/// <summary>
/// Stands before the provider: until somebody has gone live, real mail reaches only addresses that the sender has
/// confirmed. Whatever is for others waits and is asked for again; nothing of it is lost or counted as sent.
/// </summary>
public sealed class LiveGate(IDbContextFactory<AutomationDb> dbs, TimeProvider clock, bool isReal)
{
    /// <summary>Marks the mail that carries a confirmation code: the only one that may go to an address not confirmed yet.</summary>
    public const string Confirmation = "confirm";

    private static readonly TimeSpan AsksAgain = TimeSpan.FromMinutes(15);

    // Another process may stop real sending: known here before long.
    private static readonly TimeSpan LooksAgain = TimeSpan.FromSeconds(5);

    private volatile bool live;
    private long lookedAt;

    /// <summary>There is a key: mail is not for the stand-in.</summary>
    public bool IsReal => isReal;

    /// <summary>As known to this process; another may have gone live a moment ago.</summary>
    public bool HoldsBack => isReal && !live;

    /// <summary>Looks up whether somebody has gone live, or has stopped it.</summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        if (!isReal) return;
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        Interlocked.Exchange(ref lookedAt, clock.GetUtcNow().UtcTicks);
        live = await LiveSending.ReadAsync(db, cancellation) is not null;
    }

    /// <returns>Null when the mail may leave.</returns>
    public async Task<SendResult?> RefusalAsync(MailSendRequest request, CancellationToken cancellation)
    {
        if (!isReal) return null;
        if (live && Math.Abs(clock.GetUtcNow().UtcTicks - Interlocked.Read(ref lookedAt)) < LooksAgain.Ticks) return null;
        await RefreshAsync(cancellation);
        if (live || request.Personalizations.All(IsConfirmation)) return null;
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var own = await OwnAddresses.ConfirmedAsync(db, cancellation);
        return request.Personalizations.SelectMany(one => one.To.Concat(one.Cc ?? []).Concat(one.Bcc ?? [])).All(to => own.Any(address => address.Is(to.Email)))
            ? null
            : new SendResult.TryLater(AsksAgain, "real sending is not switched on yet, and mail goes only to your own confirmed addresses", WholeKey: false) { ForSome = true };
    }

    private static bool IsConfirmation(Personalization one) => one.CustomArgs?.GetValueOrDefault(TestMail.Argument) == Confirmation;
}
