using System.Net;
using System.Text.RegularExpressions;
using Automation.Marketing.Accounts;
using Automation.Marketing.Storage;
using Microsoft.AspNetCore.Identity;

namespace Automation.Server.Tests.SignIn;

/// <summary>A signed-in person without a browser: keeps cookies, follows nothing, knows how our forms are sent.</summary>
internal sealed partial class Visitor(Uri address) : IDisposable
{
    public const string Password = "a right long password";

    public HttpClient Http { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = address };

    /// <summary>Makes a person with this role.</summary>
    public static async Task<User> MakeAsync(AutomationDb db, Roles role)
    {
        var user = new User { Id = Guid.CreateVersion7(), UserName = $"{role.NameOf()}-{Guid.NewGuid():N}", DisplayName = $"Somebody {role}", Role = role.NameOf() };
        user.PasswordHash = new PasswordHasher<User>().HashPassword(user, Password);
        db.Users.Add(user);
        await db.SaveChangesAsync();
        return user;
    }

    public static async Task<Visitor> SignedInAsync(Uri address, AutomationDb db, Roles role)
    {
        var visitor = new Visitor(address);
        using var answer = await visitor.SignInAsync((await MakeAsync(db, role)).UserName, Password);
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        return visitor;
    }

    public Task<HttpResponseMessage> SignInAsync(string name, string password) =>
        PostFormAsync("/sign-in", "/sign-in", ("UserName", name), ("Password", password));

    /// <summary>Sends a form as the page at <paramref name="page"/> holds it, with that page's token.</summary>
    public async Task<HttpResponseMessage> PostFormAsync(string page, string action, params (string Name, string Value)[] fields)
    {
        var html = await Http.GetStringAsync(page);
        using var form = new FormUrlEncodedContent([.. fields.Select(field => KeyValuePair.Create(field.Name, field.Value)), KeyValuePair.Create("__RequestVerificationToken", Token().Match(html).Groups[1].Value)]);
        return await Http.PostAsync(action, form);
    }

    public void Dispose() => Http.Dispose();

    [GeneratedRegex("""name="__RequestVerificationToken" type="hidden" value="([^"]*)["]""", RegexOptions.None, 10_000)]
    private static partial Regex Token();
}
