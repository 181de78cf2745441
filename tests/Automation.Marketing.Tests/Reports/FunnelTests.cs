using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Lifecycle;
using Automation.Marketing.Reports;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Reports;

public sealed class FunnelTests
{
    private static readonly DateTimeOffset Begin = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Every_figure_is_what_counting_person_by_person_gives_and_its_rows_are_as_many(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await MakeAsync(given, people: 400, seed: 3);
        await using var db = given.Open();
        var people = await PeopleAsync(db);
        foreach (var (from, until) in new[] { (0, 400), (30, 60), (60, 61), (390, 400) })
        {
            var period = new Period(Begin.AddDays(from), Begin.AddDays(until));
            foreach (var source in new[] { null, "shop", "seminar" })
            {
                var funnel = await Funnel.OfAsync(db, period, source, default);
                Assert.Equal(Naive(people, period, source), funnel);
                foreach (var stage in funnel)
                {
                    Assert.Equal(stage.Reached, await DistinctAsync(Funnel.ReachedAsync(db, period, source, stage.Stage, wentOn: false, 0, 10_000, default)));
                    Assert.Equal(stage.Now, await DistinctAsync(Funnel.StandingAsync(db, source, stage.Stage, 0, 10_000, default)));
                    if (stage.WentOn is { } on) Assert.Equal(on, await DistinctAsync(Funnel.ReachedAsync(db, period, source, stage.Stage, wentOn: true, 0, 10_000, default)));
                }
            }
        }
        Assert.Contains(await Funnel.OfAsync(db, new Period(Begin, Begin.AddDays(400)), null, default), stage => stage is { WentOn: > 0, Dwell: not null });
    }

    [Fact]
    public async Task Rows_are_walked_page_by_page_and_the_file_has_as_many_lines()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        await MakeAsync(given, people: 60, seed: 4);
        await using var db = given.Open();
        var period = new Period(Begin, Begin.AddDays(400));
        var all = await Funnel.ReachedAsync(db, period, null, LifecycleStage.Subscriber, false, 0, 1000, default);
        var paged = new List<BehindRow>();
        for (var skip = 0; skip < all.Count; skip += 7) paged.AddRange(await Funnel.ReachedAsync(db, period, null, LifecycleStage.Subscriber, false, skip, 7, default));
        Assert.Equal(all, paged);
        using var file = new StringWriter();
        await BehindRow.WriteCsvAsync(all, file);
        var lines = file.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(all.Count + 1, lines.Length);
        Assert.Contains("\"Yamada, Hanako\"", lines[1], StringComparison.Ordinal);
        Assert.Contains(",'=HYPERLINK", lines[1], StringComparison.Ordinal);
    }

    private static async Task<int> DistinctAsync(Task<List<BehindRow>> rows) => (await rows).Select(row => row.ContactId).Distinct().Count() is var people && people == (await rows).Count ? people : -1;

    private static async Task MakeAsync(Scenario given, int people, int seed)
    {
        var dice = new Random(seed);
        await using var db = given.Open();
        for (var number = 0; number < people; number++)
        {
            var at = Begin.AddMinutes(dice.Next(200 * 24 * 60));
            var person = Contact.Create(Guid.CreateVersion7(at), at);
            (person.Name, person.Company) = ("Yamada, Hanako", "=HYPERLINK(1)");
            var stage = LifecycleStage.Subscriber;
            DateTimeOffset? moved = null;
            for (var step = dice.Next(12); step > 0; step--)
            {
                var next = Stages.After(stage)[dice.Next(Stages.After(stage).Count)];
                // Now and then two steps are taken at one instant.
                at = dice.Next(4) == 0 ? at : at.AddMinutes(dice.Next(20 * 24 * 60));
                db.LifecycleChanges.Add(new LifecycleChange { Id = IdAt(at, step), ContactId = person.Id, FromStage = stage, ToStage = next, At = at, Actor = "test", Reason = "test" });
                (stage, moved) = (next, at);
            }
            db.Contacts.Add(person);
            db.Entry(person).Property(one => one.Stage).CurrentValue = stage;
            db.Entry(person).Property(one => one.StageAt).CurrentValue = moved;
            foreach (var source in new[] { "shop", "seminar", "import" }.Where(_ => dice.Next(2) == 0))
                db.ContactSources.Add(new ContactSource { ContactId = person.Id, Source = source, FirstSeenAt = Begin.AddDays(dice.Next(5)), LastSeenAt = at });
        }
        await db.SaveChangesAsync();
    }

    // Ids keep the order of what happened at one instant; the steps are counted down.
    private static Guid IdAt(DateTimeOffset at, int left)
    {
        var bytes = Guid.CreateVersion7(at).ToByteArray(bigEndian: true);
        (bytes[6], bytes[7]) = (0x70, (byte)(100 - left));
        return new Guid(bytes, bigEndian: true);
    }

    private static async Task<List<(Contact Person, string? Source, List<(LifecycleStage Stage, DateTimeOffset At)> Way)>> PeopleAsync(AutomationDb db)
    {
        var changes = (await db.LifecycleChanges.AsNoTracking().ToListAsync()).ToLookup(change => change.ContactId);
        var sources = (await db.ContactSources.AsNoTracking().ToListAsync()).ToLookup(source => source.ContactId);
        return [.. (await db.Contacts.AsNoTracking().ToListAsync()).Select(person => (
            person, sources[person.Id].OrderBy(source => source.FirstSeenAt).ThenBy(source => source.Source, StringComparer.Ordinal).FirstOrDefault()?.Source,
            changes[person.Id].OrderBy(change => change.At).ThenBy(change => change.Id).Select(change => (change.ToStage, change.At)).Prepend((LifecycleStage.Subscriber, person.CreatedAt)).ToList()))];
    }

    private static List<FunnelStage> Naive(
        List<(Contact Person, string? Source, List<(LifecycleStage Stage, DateTimeOffset At)> Way)> all, Period period, string? source)
    {
        var people = all.Where(one => source is null || one.Source == source).ToList();
        var figures = new List<FunnelStage>();
        foreach (var stage in Funnel.Way.Concat(Enum.GetValues<LifecycleStage>().Except(Funnel.Way)))
        {
            var (reached, wentOn, stays) = (0, 0, new List<TimeSpan>());
            foreach (var (_, _, way) in people)
            {
                var comings = way.Where(step => step.Stage == stage && step.At >= period.From && step.At < period.Until).ToList();
                if (comings.Count > 0) reached++;
                if (comings.Count > 0 && way.Any(step => step.Stage == Funnel.NextOf(stage) && step.At >= comings[0].At)) wentOn++;
                for (var at = 0; at + 1 < way.Count; at++)
                    if (way[at].Stage == stage && way[at].At >= period.From && way[at].At < period.Until) stays.Add(way[at + 1].At - way[at].At);
            }
            stays.Sort();
            figures.Add(new FunnelStage(
                stage, people.Count(one => one.Person.Stage == stage), reached, Funnel.NextOf(stage) is null ? null : wentOn,
                stays.Count == 0 ? null : (stays[(stays.Count - 1) / 2] + stays[stays.Count / 2]) / 2));
        }
        return figures;
    }
}
