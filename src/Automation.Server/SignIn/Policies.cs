namespace Automation.Server.SignIn;

/// <summary>Names of the two ways in: people by cookie, programs by key.</summary>
public static class Policies
{
    public const string Pages = "Pages";
    public const string Api = "Api";
}
