using System.Security.Claims;
using Automation.Server.SignIn;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages;

/// <summary>Where the main menu leads.</summary>
/// <param name="Icon">Name of the icon, without its prefix.</param>
/// <param name="ForAdministration">Not for the day's work: the designer's frame, which is short of room, leaves it out.</param>
public sealed record Place(string Address, string Icon, string Name, bool ForAdministration = false)
{
    /// <summary>The menu as one row, as the designer's frame shows it: what this person may open.</summary>
    public static IEnumerable<Place> For(ClaimsPrincipal who, IStringLocalizer words, bool withMailbox) => PlaceGroup.For(who, words, withMailbox).SelectMany(group => group.Places);

    public bool Holds(PathString path) => Address == "/" ? path == "/" : path.StartsWithSegments(Address, StringComparison.OrdinalIgnoreCase);
}

/// <summary>Places that belong together.</summary>
/// <param name="Places">At least one; a single one stands in the menu for itself.</param>
public sealed record PlaceGroup(string Icon, string Name, IReadOnlyList<Place> Places)
{
    /// <summary>The menu of every page: what this person may open.</summary>
    public static IReadOnlyList<PlaceGroup> For(ClaimsPrincipal who, IStringLocalizer words, bool withMailbox)
    {
        PlaceGroup[] groups =
        [
            Alone(new("/", "home", words["Home"])),
            Alone(new("/people", "users", words["People"])),
            Alone(new("/calendar", "calendar-event", words["Calendar"])),
            new("mail", words["Mailings"],
            [
                new("/broadcasts", "speakerphone", words["Broadcasts"]),
                new("/templates", "template", words["Templates"]),
                new("/mails", "mail", words["Mails"]),
                new("/sending", "send", words["Outgoing mail"]),
                .. withMailbox ? [new("/mailbox", "inbox", words["Mailbox"])] : Array.Empty<Place>(),
            ]),
            Alone(new("/flows", "route", words["Flows"])),
            new("briefcase", words["Sales"],
            [
                new("/sales", "briefcase-2", words["Sales today"]),
                new("/leads", "flame", words["Hot leads"]),
                new("/deals", "briefcase", words["Deals"]),
            ]),
            new("chart-bar", words["Reports"],
            [
                new("/funnel", "filter", words["Funnel"]),
                new("/journey", "map-route", words["Journey map"]),
                new("/reports/use", "chart-histogram", words["Use of mail"]),
                new("/reports/related", "affiliate", words["Bought together"]),
            ]),
            new("settings", words["Settings"],
            [
                new("/rules", "scale", words["Sending rules"]),
                new("/team", "users-group", words["Team"], ForAdministration: true),
                new("/live", "rocket", words["Going live"], ForAdministration: true),
                new("/outgoing", "plug-connected", words["Other systems"], ForAdministration: true),
                new("/audit", "history", words["Audit trail"], ForAdministration: true),
            ]),
        ];
        return
        [
            .. groups.Select(group => group with { Places = [.. group.Places.Where(place => Access.Allows(who, HttpMethods.Get, place.Address))] })
                .Where(group => group.Places.Count > 0),
        ];
    }

    /// <summary>Whether the page that is open is one of them.</summary>
    public bool Holds(PathString path) => Places.Any(place => place.Holds(path));

    private static PlaceGroup Alone(Place place) => new(place.Icon, place.Name, [place]);
}
