using System.Security.Claims;
using Automation.Server.SignIn;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages;

/// <summary>Where the main menu leads.</summary>
/// <param name="Icon">Name of the icon, without its prefix.</param>
/// <param name="ForAdministration">Not for the day's work: the designer's frame, which is short of room, leaves it out.</param>
public sealed record Place(string Address, string Icon, string Name, bool ForAdministration = false)
{
    /// <summary>The menu of every page, the designer's included: what this person may open.</summary>
    public static IReadOnlyList<Place> For(ClaimsPrincipal who, IStringLocalizer words, bool withMailbox)
    {
        List<Place> places =
        [
            new("/", "home", words["Home"]),
            new("/people", "users", words["People"]),
            new("/mails", "mail", words["Mails"]),
            new("/calendar", "calendar-event", words["Calendar"]),
            new("/sales", "briefcase-2", words["Sales today"]),
            new("/leads", "flame", words["Hot leads"]),
            new("/deals", "briefcase", words["Deals"]),
            new("/funnel", "filter", words["Funnel"]),
            new("/journey", "map-route", words["Journey map"]),
            new("/flows", "route", words["Flows"]),
            new("/templates", "template", words["Templates"]),
            new("/broadcasts", "speakerphone", words["Broadcasts"]),
            new("/rules", "scale", words["Sending rules"]),
            new("/sending", "send", words["Outgoing mail"]),
        ];
        places.Add(new("/team", "users-group", words["Team"], ForAdministration: true));
        places.Add(new("/live", "rocket", words["Going live"], ForAdministration: true));
        places.Add(new("/outgoing", "plug-connected", words["Other systems"], ForAdministration: true));
        places.Add(new("/audit", "history", words["Audit trail"], ForAdministration: true));
        if (withMailbox) places.Add(new("/mailbox", "inbox", words["Mailbox"]));
        return [.. places.Where(place => Access.Allows(who, HttpMethods.Get, place.Address))];
    }

    public bool Holds(PathString path) => Address == "/" ? path == "/" : path.StartsWithSegments(Address, StringComparison.OrdinalIgnoreCase);
}
