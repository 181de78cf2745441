using System.Text.RegularExpressions;
using Automation.Marketing.Accounts;
using Automation.Server.Tests.SignIn;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Tests.Browser;

/// <summary>What a page offers to a role is what the role may do.</summary>
[Collection(nameof(BrowserApp))]
public sealed partial class RolesInBrowserTests(BrowserApp app)
{
    // A way of asking without doing: where the form goes, without its token.
    private const string OfferedForms = """
        () => [...document.querySelectorAll('form[method=post]')]
          .filter(form => [...form.querySelectorAll('button:not([type=button]), input[type=submit]')].some(button => !button.matches(':disabled')))
          .flatMap(form => [form.action, ...[...form.querySelectorAll('button[formaction]')].filter(button => !button.matches(':disabled')).map(button => button.formAction)])
        """;

    [Theory]
    [InlineData(Roles.Viewer)]
    [InlineData(Roles.Sales)]
    [InlineData(Roles.Steward)]
    public async Task No_page_offers_what_would_be_refused(Roles role)
    {
        await using var visit = await WatchedPage.OpenAsync(app, "en", 1366);
        string name;
        await using (var db = app.OpenDb()) name = (await Visitor.MakeAsync(db, role)).UserName;
        await visit.SignInAsync(name, Visitor.Password);
        var (offered, refused) = (0, new List<string>());
        foreach (var path in await PathsAsync())
        {
            await visit.Page.GotoAsync(visit.AddressOf(path));
            await visit.KeepPictureAsync($"{role}-{path.Trim('/').Replace('/', '-')[..Math.Min(20, path.Length - 1)]}");
            foreach (var address in await visit.Page.EvaluateAsync<string[]>(OfferedForms))
            {
                // What everybody may, and would really do.
                if (Everybodys().IsMatch(address)) continue;
                offered++;
                // Without the token the form is turned away with 400, behind the question of the role.
                await using var answer = await visit.Page.APIRequest.PostAsync(address);
                if (answer.Status == 403) refused.Add($"{path} offers {address}");
            }
            foreach (var address in await visit.Page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('main a.btn')].map(link => link.href)"))
            {
                if (!address.StartsWith(app.Address.AbsoluteUri, StringComparison.Ordinal)) continue;
                await using var answer = await visit.Page.APIRequest.GetAsync(address);
                if (answer.Status == 403) refused.Add($"{path} links to {address}");
            }
        }
        Assert.True(refused.Count == 0, string.Join(Environment.NewLine, refused.Distinct(StringComparer.Ordinal)));
        Assert.True(role is Roles.Viewer || offered > 0, "No form was found.");
    }

    private async Task<List<string>> PathsAsync()
    {
        await using var db = app.OpenDb();
        var flow = await db.FlowDefinitions.Where(d => d.IsPublished).Select(d => d.DefinitionId).OrderBy(id => id).FirstAsync();
        var mailing = await db.Occurrences.OrderBy(one => one.OpensAt).Select(one => one.Id).FirstAsync();
        var mail = await db.OutboxMessages.Select(one => one.Id).FirstAsync();
        return
        [
            "/", "/people", $"/people/{app.Customer}", "/mails", $"/mails/{mail}", "/calendar", "/calendar/board", $"/calendar/{mailing}", "/calendar/ready", "/deals", $"/deals/{app.OpenDeal}",
            $"/deals/{app.ReturnedDeal}", "/flows", $"/flows/{flow}", $"/flows/{flow}/design", $"/flows/{flow}/settings", $"/flows/{flow}/versions", "/broadcasts", $"/broadcasts/{app.Broadcast}", "/sending",
            "/reports/use", $"/reports/use/rows?broadcast={app.Broadcast}", "/reports/related", "/reports/related/rows?bought=a&then=b", "/journey/rules", "/journey/rules/edit", "/people/connections", "/sending/speed", "/templates", "/templates/versions/welcome/day-0", "/rules", $"/rules/try?id={app.Customer}", "/rules/edit", "/suppressions", "/law", "/live", "/mailbox", "/api-guide",
        ];
    }

    [GeneratedRegex("/(sign-out|language|account)|handler=(Lint|Render|Frame|Text)", RegexOptions.None, 1_000)]
    private static partial Regex Everybodys();
}
