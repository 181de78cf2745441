namespace Automation.Marketing.Accounts;

/// <summary>What people and programs are here for (brief §6). Each has one; a place may be open to several.</summary>
[Flags]
public enum Roles
{
    None = 0,

    /// <summary>Looks, changes nothing.</summary>
    Viewer = 1,

    /// <summary>Draws flows, writes templates, plans mailings.</summary>
    Designer = 2,

    /// <summary>What a designer may, and approves what needs a second person.</summary>
    Approver = 4,

    /// <summary>Works on deals and tasks.</summary>
    Sales = 8,

    /// <summary>Keeps people's data, consent and suppression right.</summary>
    Steward = 16,

    /// <summary>May do everything; the only one who gives roles and keys.</summary>
    Admin = 32,
}

public static class RoleNames
{
    /// <summary>The single roles, the least powerful first.</summary>
    public static IReadOnlyList<Roles> Each { get; } = [Roles.Viewer, Roles.Designer, Roles.Approver, Roles.Sales, Roles.Steward, Roles.Admin];

    /// <returns>As stored and as claimed: <c>viewer</c>, <c>designer</c>, …</returns>
    public static string NameOf(this Roles role) => role.ToString().ToLowerInvariant();

    /// <returns><see cref="Roles.None"/> for a name that is no role.</returns>
    public static Roles Parse(string? name) => Each.FirstOrDefault(role => role.NameOf() == name);

    /// <returns>The single roles of which <paramref name="roles"/> is made.</returns>
    public static IEnumerable<Roles> Split(this Roles roles) => Each.Where(role => roles.HasFlag(role));
}
