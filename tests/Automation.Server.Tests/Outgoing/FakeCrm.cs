using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Automation.Server.Tests.Outgoing;

/// <summary>A CRM in memory that keeps in step by the means of docs/crm.md alone: events tell it where to look, lists fill what it missed, and
/// what it changes itself it puts with what it has seen. The way between may lose answers and double requests.</summary>
internal sealed class FakeCrm : IDisposable
{
    private readonly Func<Uri> service;
    private readonly UnsafeWire wire;
    private readonly HttpClient http;
    private readonly Dictionary<string, CrmDeal> deals = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> heardOf = new();
    private DateTimeOffset? asOf;

    public FakeCrm(Func<Uri> service, int seed)
    {
        (this.service, wire) = (service, new UnsafeWire(seed));
        http = new HttpClient(wire);
    }

    public IReadOnlyDictionary<string, CrmDeal> Deals => deals;

    /// <summary>Answers that were lost and requests that came twice.</summary>
    public int Mishaps => wire.Mishaps;

    public bool IsClean => heardOf.IsEmpty && deals.Values.All(deal => deal.Edits.Count == 0);

    public void Hears(JsonObject told)
    {
        if (told["data"]!["key"] is { } key) heardOf[key.GetValue<string>()] = true;
    }

    /// <summary>A salesperson writes something in the CRM; it goes out with the next <see cref="PushAsync"/>.</summary>
    public void Edit(string key, string contact, string field, JsonNode? value)
    {
        if (!deals.TryGetValue(key, out var deal)) deals[key] = deal = new CrmDeal(contact);
        deal.Edits[field] = value;
    }

    public void Win(string key) => deals[key].Edits["status"] = "Won";

    public void Dispose() => http.Dispose();

    /// <summary>Reads what it was told of.</summary>
    public async Task ReadAsync()
    {
        foreach (var key in heardOf.Keys.ToList())
        {
            if (!await TryAsync(() => FetchAsync(key))) continue;
            heardOf.TryRemove(key, out _);
        }
    }

    /// <summary>Reads all that changed since the last look.</summary>
    public Task<bool> PullAsync() => TryAsync(async () =>
    {
        string? after = null;
        DateTimeOffset? first = null;
        do
        {
            var page = await GetAsync($"api/deals?take=7&updatedSince={asOf?.ToString("O", CultureInfo.InvariantCulture).Replace("+", "%2B", StringComparison.Ordinal)}&after={after}");
            first ??= page["asOf"]!.GetValue<DateTimeOffset>();
            foreach (var item in page["items"]!.AsArray()) Take(item!.AsObject());
            after = page["next"]?.GetValue<string>();
        }
        while (after is not null);
        asOf = first;
    });

    public async Task PushAsync()
    {
        foreach (var (key, deal) in deals.Where(pair => pair.Value.Edits.Count > 0).ToList()) await TryAsync(() => PutAsync(key, deal));
    }

    private async Task PutAsync(string key, CrmDeal deal)
    {
        var fields = deal.Edits.Where(edit => edit.Key != "status").ToDictionary(edit => edit.Key, edit => edit.Value?.DeepClone());
        if (fields.Count > 0 || deal.Tag is null)
        {
            var body = new JsonObject([.. fields]) { ["contact"] = new JsonObject { ["externalId"] = deal.Contact } };
            if (!await SendAsync(key, $"api/deals/{key}", body, deal)) return;
            foreach (var field in fields.Keys) deal.Edits.Remove(field);
        }
        if (deal.Edits.ContainsKey("status") && await SendAsync(key, $"api/deals/{key}/won", [], deal)) deal.Edits.Remove("status");
    }

    // Somebody was quicker: what they wrote is read, and what is written here is put on top of it the next time.
    private async Task<bool> SendAsync(string key, string path, JsonObject body, CrmDeal deal)
    {
        using var request = Request(HttpMethod.Put, path);
        request.Content = JsonContent.Create(body);
        if (deal.Tag is { } tag) request.Headers.TryAddWithoutValidation("If-Match", tag);
        using var answer = await http.SendAsync(request);
        if (answer.StatusCode is HttpStatusCode.PreconditionFailed)
        {
            await FetchAsync(key);
            return false;
        }
        // Handed back or lost meanwhile: no longer to be won.
        if (answer.StatusCode is HttpStatusCode.Conflict && path.EndsWith("/won", StringComparison.Ordinal)) return true;
        Assert.True(answer.IsSuccessStatusCode, $"{path} {body.ToJsonString()}: {await answer.Content.ReadAsStringAsync()}");
        Take((await answer.Content.ReadFromJsonAsync<JsonObject>())!);
        return true;
    }

    private async Task FetchAsync(string key) => Take(await GetAsync($"api/deals/{key}"));

    private void Take(JsonObject view)
    {
        var key = view["key"]!.GetValue<string>();
        if (!deals.TryGetValue(key, out var deal)) deals[key] = deal = new CrmDeal(view["contact"]!["externalId"]!.GetValue<string>());
        var updated = view["updatedAt"]!.GetValue<DateTimeOffset>();
        if (deal.Updated > updated) return;
        (deal.Updated, deal.View) = (updated, view);
    }

    private async Task<JsonObject> GetAsync(string path)
    {
        using var request = Request(HttpMethod.Get, path);
        using var answer = await http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
    }

    private HttpRequestMessage Request(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, new Uri(service(), path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", RunningApp.ApiKey);
        return request;
    }

    private static async Task<bool> TryAsync(Func<Task> act)
    {
        try
        {
            await act();
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Now and then does what was asked twice, or loses the answer to what was done.</summary>
    private sealed class UnsafeWire(int seed) : DelegatingHandler(new SocketsHttpHandler())
    {
        private readonly Random dice = new(seed);

        public int Mishaps { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var fate = dice.Next(8);
            if (fate == 0)
            {
                Mishaps++;
                (await base.SendAsync(await CopyAsync(request), cancellationToken)).Dispose();
            }
            var answer = await base.SendAsync(request, cancellationToken);
            if (fate != 1) return answer;
            Mishaps++;
            answer.Dispose();
            throw new HttpRequestException("The answer was lost.");
        }

        private static async Task<HttpRequestMessage> CopyAsync(HttpRequestMessage request)
        {
            var copy = new HttpRequestMessage(request.Method, request.RequestUri);
            foreach (var header in request.Headers) copy.Headers.TryAddWithoutValidation(header.Key, header.Value);
            if (request.Content is not null) copy.Content = new StringContent(await request.Content.ReadAsStringAsync(), System.Text.Encoding.UTF8, "application/json");
            return copy;
        }
    }
}

/// <summary>A deal as the CRM has it.</summary>
internal sealed class CrmDeal(string contact)
{
    public string Contact { get; } = contact;
    public DateTimeOffset Updated { get; set; }

    /// <summary>As last read; null: the service does not know it yet.</summary>
    public JsonObject? View { get; set; }

    /// <summary>Written here and not there yet.</summary>
    public Dictionary<string, JsonNode?> Edits { get; } = [];

    public string? Tag => View is null ? null : $"\"{Updated.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)}\"";
}
