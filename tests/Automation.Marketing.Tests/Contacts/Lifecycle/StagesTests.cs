using Automation.Marketing.Contacts.Lifecycle;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Contacts.Lifecycle;

public sealed class StagesTests
{
    // As lifecycle.md draws them.
    private const string Drawn = """
        Subscriber: Lead Dormant Disqualified
        Lead: Qualified Dormant Disqualified
        Qualified: Accepted Recycled Dormant Disqualified
        Accepted: Deal Recycled Dormant Disqualified
        Deal: Won Lost Recycled Dormant Disqualified
        Won: Qualified Deal Dormant
        Lost: Qualified Deal Recycled Dormant Disqualified
        Recycled: Qualified Accepted Deal Dormant Disqualified
        Dormant: Lead Qualified Accepted Deal Disqualified
        Disqualified: Lead Qualified Accepted Deal
        """;

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Each_step_that_is_drawn_is_taken_and_on_record_and_no_other(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var drawn = Drawn.Split('\n').Select(line => line.Split(": ")).ToDictionary(line => Enum.Parse<LifecycleStage>(line[0]), line => line[1].Trim().Split(' ').Select(Enum.Parse<LifecycleStage>).ToHashSet());
        var (ada, stages) = (await given.Contact("ada@example.com"), Enum.GetValues<LifecycleStage>());
        await using var db = given.Open();
        var taken = 0;
        foreach (var from in stages)
        {
            foreach (var to in stages)
            {
                await db.ExecuteAsync("UPDATE contacts SET stage = @p1 WHERE id = @p0", default, ada.Id, from);
                given.Clock.Now = given.Clock.Now.AddMinutes(1);
                await using var transaction = await db.BeginWriteAsync(default);
                if (from == to)
                {
                    Assert.False(await Stages.MoveAsync(db, ada.Id, to, "sato", "why", given.Clock.Now, default));
                }
                else if (drawn[from].Contains(to))
                {
                    Assert.True(await Stages.MoveAsync(db, ada.Id, to, "sato", $"{from} to {to}", given.Clock.Now, default));
                    taken++;
                }
                else
                {
                    await Assert.ThrowsAsync<RuleBrokenException>(() => Stages.MoveAsync(db, ada.Id, to, "sato", "why", given.Clock.Now, default));
                }
                await transaction.CommitAsync(default);
                var person = await db.Contacts.AsNoTracking().SingleAsync();
                Assert.Equal(drawn[from].Contains(to) ? to : from, person.Stage);
                var records = await db.LifecycleChanges.AsNoTracking().Where(one => one.At == given.Clock.Now).ToListAsync();
                Assert.Equal(
                    from != to && drawn[from].Contains(to) ? [(from, to, "sato", $"{from} to {to}")] : [],
                    records.Select(one => (one.FromStage, one.ToStage, one.Actor, one.Reason)));
            }
        }
        Assert.Equal(drawn.Values.Sum(next => next.Count), taken);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task On_the_way_to_a_deal_no_stage_is_left_out_and_nobody_goes_back(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com");
        await using var db = given.Open();
        await AdvanceAsync(LifecycleStage.Deal, moves: true);
        await AdvanceAsync(LifecycleStage.Lead, moves: false);
        Assert.Equal(
            [LifecycleStage.Lead, LifecycleStage.Qualified, LifecycleStage.Accepted, LifecycleStage.Deal],
            (await db.LifecycleChanges.AsNoTracking().ToListAsync()).OrderBy(one => one.Id.ToString()).Select(one => one.ToStage));
        Assert.Equal(given.Clock.Now, (await db.Contacts.AsNoTracking().SingleAsync()).StageAt);
        await Assert.ThrowsAsync<RuleBrokenException>(() => Stages.AdvanceAsync(db, ada.Id, LifecycleStage.Won, "sato", "why", given.Clock.Now, default));
        await Assert.ThrowsAsync<RuleBrokenException>(() => Stages.MoveAsync(db, Guid.NewGuid(), LifecycleStage.Lead, "sato", "why", given.Clock.Now, default));

        async Task AdvanceAsync(LifecycleStage to, bool moves)
        {
            await using var transaction = await db.BeginWriteAsync(default);
            Assert.Equal(moves, await Stages.AdvanceAsync(db, ada.Id, to, "sato", "why", given.Clock.Now, default));
            await transaction.CommitAsync(default);
        }
    }
}
