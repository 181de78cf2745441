using System.Collections.Concurrent;
using System.Globalization;
using Automation.Marketing.Mail.Delivery;
using Automation.SendGrid;

namespace Automation.Marketing.Tests.Scenarios;

/// <summary>Whoever carries the mail: remembers every attempt and answers as it is told.</summary>
internal sealed class ScriptedProvider : IMailProvider
{
    private readonly ConcurrentQueue<MailSendRequest> attempts = new();
    private int accepted;

    /// <summary>What is answered; by default everything is accepted.</summary>
    public Func<MailSendRequest, Task<SendResult>>? Answer { get; set; }

    /// <summary>Requests in the order in which they arrived, answered or not.</summary>
    public IReadOnlyList<MailSendRequest> Attempts => [.. attempts];

    /// <summary>People in all the requests: one request may carry many.</summary>
    public int Recipients => attempts.Sum(attempt => attempt.Personalizations.Count);

    /// <summary>The mails of all requests: one for each person in each.</summary>
    public IReadOnlyList<AttemptedMail> Mails => [.. attempts.SelectMany(MailsOf)];

    public void Answers(SendResult result) => Answer = _ => Task.FromResult(result);

    public void Accepts() => Answer = null;

    public Task<SendResult> SendAsync(MailSendRequest request, CancellationToken cancellation)
    {
        attempts.Enqueue(request);
        return Answer?.Invoke(request)
            ?? Task.FromResult<SendResult>(new SendResult.Accepted("provider-" + Interlocked.Increment(ref accepted).ToString(CultureInfo.InvariantCulture)));
    }

    public static IEnumerable<AttemptedMail> MailsOf(MailSendRequest request) => request.Personalizations.Select(one =>
        new AttemptedMail(Guid.Parse(one.CustomArgs![WebhookEvents.MessageIdArgument]), one.To[0].Email, request.Categories![0], one));
}

/// <summary>One person's part of a request.</summary>
internal sealed record AttemptedMail(Guid MessageId, string To, string Template, Personalization Own);
