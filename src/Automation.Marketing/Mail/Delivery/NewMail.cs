using Automation.Marketing.Storage;

namespace Automation.Marketing.Mail.Delivery;

/// <summary>Mails of one origin that have not been asked for yet, in an order that stays.</summary>
internal interface INewMail
{
    Approach Approach { get; }

    /// <summary>As in <see cref="OutboxMessage.OriginId"/>.</summary>
    string BroadcastId { get; }

    /// <summary>The next of them, each call going on after the one before; nothing is written. Empty: there are no more.</summary>
    Task<IReadOnlyList<MailRequest>> NextAsync(AutomationDb db, int atMost, CancellationToken cancellation);

    /// <summary>Writes, in the transaction in which they are asked for, that these are.</summary>
    /// <returns>False: somebody else was faster, or none may be asked for any more.</returns>
    Task<bool> TakeAsync(AutomationDb db, IReadOnlyList<MailRequest> requests, CancellationToken cancellation);
}

/// <summary>Mails that are asked for and begun together.</summary>
internal sealed record NewMails(IReadOnlyList<MailRequest> Requests, IReadOnlyList<ComposedMail> Composed)
{
    public ComposedAhead For(string owner, DateTimeOffset leaseUntil) => new(
        owner, leaseUntil, Composed.Where(each => each.Problem is null).ToDictionary(each => each.Mail.Id, each => (each.Mail.Recipient, each.Own!.Subject)));

    public List<ComposedMail> Begun(IEnumerable<MailOutcome> outcomes)
    {
        var begun = outcomes.Where(outcome => outcome.State is MessageState.Sending).Select(outcome => outcome.Identity.ContactId).ToHashSet();
        return [.. Composed.Where(each => begun.Contains(each.Mail.ContactId))];
    }
}
