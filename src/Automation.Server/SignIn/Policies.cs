namespace Automation.Server.SignIn;

/// <summary>Names of the ways in: people by cookie, programs by key.</summary>
public static class Policies
{
    public const string Pages = "Pages";
    public const string Api = "Api";

    /// <summary>What the designer asks: people by cookie, programs by key; a stranger gets an answer, never a page.</summary>
    public const string Designer = "Designer";
}
