namespace Automation.SendGrid;

/// <summary>What is known after asking SendGrid to send; a switch over these five is complete.</summary>
public abstract record SendResult
{
    private SendResult() { }

    /// <summary>SendGrid took it.</summary>
    /// <param name="MessageId"><c>X-Message-Id</c>: names the request, and begins each of its mails' ids. Empty when none came.</param>
    public sealed record Accepted(string MessageId) : SendResult
    {
        /// <summary>Only checked (200 in sandbox mode): nothing is sent and no events follow.</summary>
        public bool Sandbox { get; init; }
    }

    /// <summary>Certainly not acted on: sending the same again cannot mail twice.</summary>
    /// <param name="Wait">Before the next attempt.</param>
    /// <param name="Reason">For a person; no addresses.</param>
    /// <param name="WholeKey">All sending on the key has to wait, not only this request.</param>
    public sealed record TryLater(TimeSpan Wait, string Reason, bool WholeKey) : SendResult
    {
        /// <summary>Because of some recipients only: the others may be mailed in a request of their own.</summary>
        public bool ForSome { get; init; }
    }

    /// <summary>May have been acted on: never sent again blindly; events settle it.</summary>
    public sealed record Unknown(string Reason) : SendResult;

    /// <summary>Will never be accepted unchanged.</summary>
    /// <param name="Reason">The first error, for a person.</param>
    /// <param name="Status">SendGrid's; 0 when our own check refused it and nothing was sent.</param>
    /// <param name="Errors">With fields; may be empty.</param>
    public sealed record Refused(string Reason, int Status, IReadOnlyList<SendGridError> Errors) : SendResult;

    /// <summary>The key or the sender is at fault (401, 403): messages stay queued until a person acts.</summary>
    public sealed record Paused(string Reason) : SendResult;
}
