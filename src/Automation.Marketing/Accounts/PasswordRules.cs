namespace Automation.Marketing.Accounts;

/// <summary>What a password must be. Length and being no common one count; there is no rule about kinds of characters.</summary>
public static class PasswordRules
{
    public const int Shortest = 12;
    public const int Longest = 128;

    private const int FewestDifferent = 5;

    // What people choose when twelve characters are asked for; compared without case, and as the beginning.
    private static readonly string[] Common =
    [
        "123456789", "abcdefghij", "qwertyuiop", "asdfghjkl", "1q2w3e4r", "password", "passw0rd", "p@ssword", "p@ssw0rd", "letmein", "iloveyou",
        "welcome", "administrator", "changeme", "automation", "sakura", "tokyo20", "qazwsx", "1qaz2wsx", "zaq12wsx", "abc123", "abcd1234", "aiueo",
    ];

    /// <exception cref="RuleBrokenException">The password is too short, too long, too simple, or says who its owner is.</exception>
    public static void Check(string password, User owner)
    {
        if (password.Length < Shortest) throw new RuleBrokenException($"A password needs at least {Shortest} characters. Three or four words in a row are easy to remember.");
        if (password.Length > Longest) throw new RuleBrokenException($"A password may have at most {Longest} characters.");
        if (password.Distinct().Count() < FewestDifferent || Array.Exists(Common, common => password.StartsWith(common, StringComparison.OrdinalIgnoreCase)))
            throw new RuleBrokenException("This password is among the first that anybody would try. Choose another.");
        if (NamesOf(owner).Any(name => password.Contains(name, StringComparison.OrdinalIgnoreCase)))
            throw new RuleBrokenException("The password contains your own name. Choose another.");
    }

    // Shorter pieces are in many a good password by chance.
    private static IEnumerable<string> NamesOf(User owner) =>
        new[] { owner.UserName, owner.UserName.Split('@')[0], owner.DisplayName }.Where(name => name.Length >= 4);
}
