using Automation.Marketing.Accounts;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Wording;

/// <summary>The roles as people read them.</summary>
public sealed class RoleWords(IStringLocalizer words)
{
    public string Name(Roles role) => role switch
    {
        Roles.Viewer => words["Viewer"],
        Roles.Designer => words["Marketing designer"],
        Roles.Approver => words["Approver"],
        Roles.Sales => words["Sales"],
        Roles.Steward => words["Data steward"],
        Roles.Admin => words["Administrator"],
        _ => "–",
    };

    public string Name(string role) => Name(RoleNames.Parse(role));

    /// <summary>What one does with it, in a line.</summary>
    public string Task(Roles role) => role switch
    {
        Roles.Viewer => words["Looks at everything, changes nothing."],
        Roles.Designer => words["Draws flows, writes templates, plans mailings and the calendar."],
        Roles.Approver => words["Does what a designer does, and approves what needs a second person."],
        Roles.Sales => words["Works on deals and tasks, and hands cold deals back."],
        Roles.Steward => words["Keeps people's data, consent and the list of who is never mailed."],
        Roles.Admin => words["Does everything, and gives roles and keys to others."],
        _ => "",
    };

    /// <returns>E.g. <c>Marketing designer, Approver, Administrator</c>.</returns>
    public string List(Roles roles) => roles is Roles.None ? "–" : roles.Split().Count() == RoleNames.Each.Count ? words["every role"] : string.Join(words[", "], roles.Split().Select(Name));
}
