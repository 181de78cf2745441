using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Automation.Server.Tests.Templates;

/// <summary>What the editor's script does, without a browser.</summary>
internal sealed partial class EditorClient : IDisposable
{
    private readonly HttpClient http;

    private EditorClient(HttpClient http) => this.http = http;

    public static async Task<EditorClient> SignInAsync(string address, string password)
    {
        var client = Stranger(address);
        var page = await client.http.GetStringAsync("/sign-in");
        using var answer = await client.http.PostAsync("/sign-in", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["UserName"] = "admin",
            ["Password"] = password,
            ["__RequestVerificationToken"] = TokenOf(page),
        }));
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        return client;
    }

    public static EditorClient Stranger(string address) => new(new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() })
    {
        BaseAddress = new Uri(address),
        Timeout = TimeSpan.FromMinutes(2),
    });

    /// <summary>Opens the editor: what it would show, and what it needs to ask.</summary>
    public async Task<OpenEditor> OpenAsync(string id)
    {
        var page = await http.GetStringAsync($"/templates/edit/{id}");
        return new OpenEditor(id, TokenOf(page), JsonNode.Parse(WebUtility.HtmlDecode(Document().Match(page).Groups[1].Value))!);
    }

    public Task<HttpResponseMessage> AskAsync(OpenEditor editor, string handler, JsonNode body) => AskAsync(editor.Id, handler, JsonContent.Create(body), editor.Token);

    public async Task<HttpResponseMessage> AskAsync(string id, string handler, HttpContent body, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/templates/edit/{id}?handler={handler}") { Content = body };
        if (token is not null) request.Headers.Add("RequestVerificationToken", token);
        return await http.SendAsync(request);
    }

    public Task<HttpResponseMessage> GetAsync(string path) => http.GetAsync(path);

    public void Dispose() => http.Dispose();

    private static string TokenOf(string page) => Token().Match(page).Groups[1].Value;

    [GeneratedRegex("name=\"__RequestVerificationToken\" type=\"hidden\" value=\"([^\"]+)\"", RegexOptions.None, 10_000)]
    private static partial Regex Token();

    [GeneratedRegex("data-document=\"([^\"]*)\"", RegexOptions.None, 10_000)]
    private static partial Regex Document();
}

internal sealed record OpenEditor(string Id, string Token, JsonNode Document)
{
    public string? Stamp => Document["stamp"]?.GetValue<string>();

    public int BasedOn => Document["basedOn"]!.GetValue<int>();

    /// <summary>What is written, as the script sends it, with another subject in Japanese.</summary>
    public JsonObject Written(string subject)
    {
        var parts = Document["content"]!["parts"]!.DeepClone();
        parts["ja"]!["subject"] = subject;
        return new JsonObject { ["class"] = "Marketing", ["approach"] = "A3", ["topics"] = new JsonArray("welcome"), ["defaults"] = "{}", ["parts"] = parts };
    }
}
