using Automation.Marketing.Contacts;
using Automation.Marketing.Journeys;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Automation.Templates;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace Automation.Marketing.Tests.Journeys;

/// <summary>What ends a run can come in at any moment between the decision about its mail and the attempt.</summary>
public sealed class LateGoalTests
{
    private const string Selling = "welcome/day-3";

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_goal_behind_the_decision_stops_the_mail_before_it_is_taken(DatabaseProvider provider)
    {
        await using var given = await SellingAsync(provider);
        var (ada, bob) = (await QueuedAsync(given, "ada@example.com"), await QueuedAsync(given, "bob@example.com"));
        await given.HappensAsync(ada, "order.placed", new { net = 5000 });
        await given.HappensAsync(bob, "order.placed", new { net = 10 });
        Assert.Equal(0, await given.Workers.Sender.SendDueAsync(default));
        await given.WorkAsync();
        Assert.Empty(given.MailSentTo(ada));
        Assert.Equal([Selling], given.MailSentTo(bob));
        await IsWithdrawnAsync(given, ada, ExitReasons.Goal);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_exit_while_the_mail_is_composed_stops_it_before_the_attempt(DatabaseProvider provider)
    {
        await using var given = await SellingAsync(provider);
        var ada = await QueuedAsync(given, "ada@example.com");
        var composing = new Interrupted(given.Clock, () => given.HappensAsync(ada, "quote.declined"));
        await SenderWith(given, composing).SendDueAsync(default);
        Assert.Empty(given.Provider.Attempts);
        await given.WorkAsync();
        Assert.Empty(given.Provider.Attempts);
        await IsWithdrawnAsync(given, ada, ExitReasons.ExitRule);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_exit_while_a_mail_is_composed_that_cannot_be_made_ends_the_run_by_the_exit(DatabaseProvider provider)
    {
        await using var given = await SellingAsync(provider);
        var ada = await QueuedAsync(given, "ada@example.com");
        var composing = new Interrupted(given.Clock, async () =>
        {
            await given.HappensAsync(ada, "quote.declined");
            // Fails as a template does.
            new TemplateRenderer(given.Clock).Evaluate("1 / (", new TemplateObject());
        });
        await SenderWith(given, composing).SendDueAsync(default);
        await given.WorkAsync();
        Assert.Empty(given.Provider.Attempts);
        await IsWithdrawnAsync(given, ada, ExitReasons.ExitRule);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_goal_that_comes_in_while_the_sender_is_dead_stops_what_it_had_taken(DatabaseProvider provider)
    {
        await using var given = await SellingAsync(provider);
        var ada = await QueuedAsync(given, "ada@example.com");
        var dying = new Interrupted(given.Clock, () => throw new InsufficientMemoryException("killed"));
        await Assert.ThrowsAnyAsync<Exception>(() => SenderWith(given, dying).SendDueAsync(default));
        await given.HappensAsync(ada, "order.placed", new { net = 5000 });
        given.Restarted();
        await given.Workers.Unknown.FindAbandonedAsync(atStart: true, default);
        // On a database that others work on too, what was taken comes back when the lease ends.
        given.Clock.Now += TimeSpan.FromMinutes(3);
        Assert.Equal(0, await given.Workers.Sender.SendDueAsync(default));
        await given.WorkAsync();
        Assert.Empty(given.Provider.Attempts);
        await IsWithdrawnAsync(given, ada, ExitReasons.Goal);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task What_happened_and_ends_nothing_holds_the_mail_only_until_it_is_worked_off(DatabaseProvider provider)
    {
        await using var given = await SellingAsync(provider);
        var ada = await QueuedAsync(given, "ada@example.com");
        var composing = new Interrupted(given.Clock, () => given.HappensAsync(ada, "page.viewed"));
        await SenderWith(given, composing).SendDueAsync(default);
        Assert.Empty(given.Provider.Attempts);
        await given.Workers.Engine.WorkAsync(default);
        // At once: nobody waits for the end of a lease.
        await given.SendAllAsync();
        Assert.Equal([Selling], given.MailSentTo(ada));
    }

    private static async Task<Scenario> SellingAsync(DatabaseProvider provider)
    {
        var given = await Scenario.OnAsync(provider);
        var settings = new { approach = "A2", goal = new { @event = "order.placed", where = "event.data.net > 1000" }, exits = new[] { new { @event = "quote.declined" } } };
        await new Drawing("sells").Settings(settings).Event("lead.created").Mail("m", Selling).Path("start", "m").PublishedAsync(given);
        return given;
    }

    // Decided, not yet taken by a sender.
    private static async Task<Contact> QueuedAsync(Scenario given, string email)
    {
        var contact = await given.Contact(email).WhoConsented();
        await given.HappensAsync(contact, "lead.created");
        await given.Workers.Engine.WorkAsync(default);
        Assert.Equal(MessageState.Queued, (await given.MessagesAsync(contact)).Single().State);
        return contact;
    }

    private static async Task IsWithdrawnAsync(Scenario given, Contact contact, string rule)
    {
        var mail = (await given.MessagesAsync(contact)).Single();
        Assert.Equal((MessageState.Cancelled, rule, SlotState.Released), (mail.State, mail.Rule, mail.Slot));
        await using var db = given.Open();
        var run = await db.FlowInstances.AsNoTracking().SingleAsync(one => one.ContactId == contact.Id);
        Assert.Equal((FlowInstanceStatus.Cancelled, rule), (run.Status, run.EndReason));
    }

    private static MailSender SenderWith(Scenario given, ITemplateRenderer renderer) => new(
        given.Database, new MailComposer(given.Workers.Templates, renderer), given.Provider, new LinkFactory(new PublicAddress(), given.Clock), new DeliveryOptions(), given.Clock,
        NullLogger<MailSender>.Instance);

    /// <summary>Something happens while a mail is being made.</summary>
    private sealed class Interrupted(TimeProvider clock, Func<Task> happens) : ITemplateRenderer
    {
        private readonly TemplateRenderer real = new(clock);

        public RenderedMail Render(MailTemplate template, string? language, string shopLanguage, TemplateObject model)
        {
            happens().GetAwaiter().GetResult();
            return real.Render(template, language, shopLanguage, model);
        }

        public DividedMail Divide(MailTemplate template, MailParts parts, IReadOnlySet<string> sharedRoots)
        {
            happens().GetAwaiter().GetResult();
            return real.Divide(template, parts, sharedRoots);
        }

        public bool IsTrue(string condition, TemplateObject model) => real.IsTrue(condition, model);

        public object? Evaluate(string expression, TemplateObject model) => real.Evaluate(expression, model);

        public string? Check(string expression) => real.Check(expression);
    }
}
