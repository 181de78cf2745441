using Automation.Marketing.Contacts;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Delivery;
using Automation.SendGrid.StandIn;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Tests.Sending;

/// <summary>Each way a request can end, through the product's client and a real line (contract §2): what the books say then, and a day later.</summary>
public sealed class OutcomesTests
{
    private const string Uncertain = "Uncertain outcome-unknown";
    private const string GivenUp = "Failed outcome-unknown";
    private const string Later = "Queued provider-later";

    // Two people in one request; the fault strikes every request.
    [Theory]
    [InlineData("delay=50", "Sent ", "Sent ", 2)]
    [InlineData("events-lost", "Sent ", "Sent ", 2)]
    [InlineData("429=60", Later, "Sent ", 2)]
    [InlineData("status=400", "Failed refused", "Failed refused", 0)]
    [InlineData("status=413", "Failed refused", "Failed refused", 0)]
    [InlineData("status=415", "Failed refused", "Failed refused", 0)]
    [InlineData("status=401", Later, "Sent ", 2)]
    [InlineData("status=403", Later, "Sent ", 2)]
    [InlineData("status=404", Later, "Sent ", 2)]
    [InlineData("status=408", Uncertain, GivenUp, 0)]
    [InlineData("error-before=500", Uncertain, GivenUp, 0)]
    [InlineData("error-before=502", Uncertain, GivenUp, 0)]
    [InlineData("error-before=503", Uncertain, GivenUp, 0)]
    [InlineData("error-before=504", Uncertain, GivenUp, 0)]
    [InlineData("error-after=500", Uncertain, GivenUp, 2)]
    [InlineData("error-after=503", Uncertain, GivenUp, 2)]
    [InlineData("reset-before-reading", Uncertain, GivenUp, 0)]
    [InlineData("reset-after-reading", Uncertain, GivenUp, 0)]
    [InlineData("reset-after-recording", Uncertain, GivenUp, 2)]
    [InlineData("withhold", Uncertain, GivenUp, 2)]
    public async Task Marketing_is_asked_for_at_most_once_and_only_what_was_surely_not_taken_goes_again(string fault, string then, string aDayLater, int recorded)
    {
        await using var given = await SendingScene.StartAsync(StandInFaults.Always(fault));
        await AskAsync(given, MessageClass.Marketing);
        Assert.Equal([then, then], await BooksAsync(given));

        await given.SetFaultsAsync(StandInFaults.None);
        await given.PassAsync(MailSender.SettlesMarketing + TimeSpan.FromHours(1));
        Assert.Equal([aDayLater, aDayLater], await BooksAsync(given));
        await WitnessAsync(given, recorded, most: 1);
    }

    [Theory]
    [InlineData("error-before=500", 2, 1)]
    [InlineData("error-after=502", 4, 2)]
    [InlineData("reset-after-recording", 4, 2)]
    public async Task An_orders_mail_of_unknown_outcome_goes_once_more_after_5_minutes(string fault, int recorded, int most)
    {
        await using var given = await SendingScene.StartAsync(new StandInFaults([new StandInFault(fault, Times: 1)]));
        await AskAsync(given, MessageClass.Transactional);
        Assert.Equal([Uncertain, Uncertain], await BooksAsync(given));
        await given.PassAsync(MailSender.SettlesTransactional + TimeSpan.FromSeconds(1));
        Assert.Equal(["Sent ", "Sent "], await BooksAsync(given));
        await given.PassAsync(TimeSpan.FromDays(2));
        await WitnessAsync(given, recorded, most);
    }

    [Fact]
    public async Task Whom_no_byte_has_reached_is_asked_again()
    {
        await using var given = await SendingScene.StartAsync();
        given.Unplug();
        await AskAsync(given, MessageClass.Marketing);
        Assert.Equal([Later, Later], await BooksAsync(given));
        given.PlugIn();
        await given.PassAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(["Sent ", "Sent "], await BooksAsync(given));
        await WitnessAsync(given, 2, most: 1);
    }

    private static async Task AskAsync(SendingScene given, MessageClass messageClass)
    {
        given.AddTemplate("t", "S", "{{ contact.name }}", "{{ contact.name }}");
        given.LoadTemplates();
        Contact[] people = [await given.AddPersonAsync("a@example.com", "A"), await given.AddPersonAsync("b@example.com", "B")];
        await given.SendAsync("t", "{}", people, messageClass);
    }

    private static async Task<string[]> BooksAsync(SendingScene given)
    {
        await using var db = given.Db();
        var messages = await db.OutboxMessages.AsNoTracking().OrderBy(message => message.Recipient).ToListAsync();
        await AllowedAsync(given);
        return [.. messages.Select(message => $"{message.State} {message.Rule}")];
    }

    // Every step of every history is one that the table of transitions has.
    private static async Task AllowedAsync(SendingScene given)
    {
        await using var db = given.Db();
        var histories = (await db.MessageChanges.AsNoTracking().OrderBy(change => change.Id).ToListAsync()).GroupBy(change => change.MessageId);
        Assert.All(histories, history =>
        {
            MessageState? before = null;
            foreach (var change in history)
            {
                Assert.True(MessageTransitions.Allows(before, change.State), $"{before} -> {change.State} is in no table");
                before = change.State;
            }
        });
    }

    private static async Task WitnessAsync(SendingScene given, int recorded, int most)
    {
        var mails = await given.MailsAsync();
        Assert.Equal(recorded, mails.Count);
        Assert.True(mails.GroupBy(mail => mail["to"]!.GetValue<string>()).All(mail => mail.Count() <= most));
    }
}
