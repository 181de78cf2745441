using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Automation.Marketing.Contacts.Outgoing;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Microsoft.EntityFrameworkCore;
using Xunit.Abstractions;

namespace Automation.Server.Tests.Outgoing;

public sealed class CrmSyncTests(ITestOutputHelper output)
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task A_crm_and_the_service_agree_after_lost_answers_repetitions_and_a_restart(DatabaseProvider provider)
    {
        await using var app = await RunningApp.StartAsync(provider, "2026-11-16 10:00");
        await using var hooks = await HookReceiver.StartAsync();
        using var crm = new FakeCrm(() => app.Server.Address, seed: 11);
        var dice = new Random(7);
        hooks.Answer = (told, posts) =>
        {
            // Now and then it falls over, before or after it has kept what it was told.
            if (posts % 9 == 0) return Task.FromResult(500);
            crm.Hears(told);
            return Task.FromResult(posts % 7 == 0 ? 503 : 204);
        };
        for (var number = 0; number < 8; number++)
            await app.PostEventAsync($"p{number}", "lead.created", new { email = $"p{number}@example.com", externalId = $"C-{number}", name = $"会員 {number}" });
        await using (var db = app.Db()) await hooks.IsToldOfAsync(db, app.Clock.GetUtcNow(), "deal.opened", "deal.changed", "deal.won", "deal.lost", "lead.handed_back");

        for (var round = 0; round < 40; round++)
        {
            var number = dice.Next(8);
            switch (dice.Next(6))
            {
                case 0: crm.Edit($"CRM-{number}", $"C-{number}", "stage", $"見積 {round}"); break;
                case 1: crm.Edit($"CRM-{number}", $"C-{number}", "amount", round * 1000); break;
                case 2: await PutAsync(app, $"OWN-{number}", new JsonObject { ["contact"] = new JsonObject { ["externalId"] = $"C-{number}" }, ["owner"] = $"tanaka {round}" }); break;
                case 3 when crm.Deals.Keys.FirstOrDefault() is { } key: await PutAsync(app, key, new JsonObject { ["nextAction"] = $"電話 {round}" }); break;
                case 4 when crm.Deals.GetValueOrDefault($"OWN-{number}") is { View: not null }: crm.Edit($"OWN-{number}", $"C-{number}", "stage", $"提案 {round}"); break;
                case 5 when round > 20 && crm.Deals.FirstOrDefault(pair => pair.Value.View?["status"]?.GetValue<string>() == "Open").Key is { } open: crm.Win(open); break;
            }
            if (round == 15) await app.RestartAsync();
            if (round == 25) await HandBackAsync(app, crm.Deals.Last(pair => pair.Value.View?["status"]?.GetValue<string>() == "Open").Key);
            await crm.PushAsync();
            await crm.ReadAsync();
            if (round % 10 == 9) await crm.PullAsync();
        }
        await RunningApp.EventuallyAsync(async () =>
        {
            await app.AdvanceAsync(TimeSpan.FromMinutes(30));
            await crm.PushAsync();
            await crm.ReadAsync();
            await using var db = app.Db();
            return crm.IsClean && await crm.PullAsync() && !await db.OutgoingDeliveries.AnyAsync(one => one.State == DeliveryState.Waiting);
        });

        await using var here = app.Db();
        var deals = await here.Deals.AsNoTracking().ToListAsync();
        output.WriteLine($"{deals.Count} deals, {crm.Mishaps} mishaps on the wire, {hooks.Posts.Count} posts of {hooks.Known.Count} events");
        Assert.True(crm.Mishaps > 10 && hooks.Posts.Count > hooks.Known.Count, "Nothing went wrong, so nothing was tested.");
        Assert.Equal(
            deals.Select(deal => (deal.DealKey, deal.Status.ToString(), deal.Stage, deal.Owner, deal.Amount, deal.NextAction)).Order(),
            crm.Deals.Select(pair => (pair.Key, Text(pair.Value, "status")!, Text(pair.Value, "stage")!, Text(pair.Value, "owner"), pair.Value.View!["amount"]?.GetValue<decimal>(), Text(pair.Value, "nextAction"))).Order());
        Assert.Empty(hooks.Complaints);
        var told = await here.OutgoingEvents.AsNoTracking().Select(one => one.Id).ToListAsync();
        Assert.Equal(told.Select(id => id.ToString()).Order(), hooks.Known.Keys.Order());
        Assert.Contains(deals, deal => deal.Status == Marketing.Deals.DealStatus.Won);

        static string? Text(CrmDeal deal, string field) => deal.View![field]?.GetValue<string>();
    }

    private static async Task PutAsync(RunningApp app, string key, JsonObject body)
    {
        var answer = await app.Http.PutAsJsonAsync($"/api/deals/{key}", body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static async Task HandBackAsync(RunningApp app, string key) =>
        (await app.Http.PostAsJsonAsync($"/api/deals/{key}/hand-back", new { reason = "budget" })).EnsureSuccessStatusCode();
}
