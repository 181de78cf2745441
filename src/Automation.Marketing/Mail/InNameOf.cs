using System.Text.Json;
using System.Text.Json.Nodes;

namespace Automation.Marketing.Mail;

/// <summary>Whose name a mail shows beside the shop's, and who gets the answers. Where there is nobody, it is the shop's mail.</summary>
public enum InNameOf
{
    Shop,

    /// <summary>Who owns the person's deal: the open one, else the last.</summary>
    Owner,

    /// <summary>The colleague who knows the person, or their company, best.</summary>
    BestKnown,
}

/// <summary>Carries the wish in the context of a message: all who share a text share it.</summary>
internal static class InNameOfContext
{
    private const string Root = "in_name_of";

    /// <param name="context">JSON of the message.</param>
    public static string With(string context, InNameOf wish)
    {
        if (wish is InNameOf.Shop) return context;
        var json = JsonNode.Parse(context)!.AsObject();
        json[Root] = wish.ToString();
        return json.ToJsonString(JsonSerializerOptions.Web);
    }

    public static InNameOf Of(string context)
    {
        // Hardly any mail has it, and reading JSON costs.
        if (!context.Contains(Root, StringComparison.Ordinal)) return InNameOf.Shop;
        using var json = JsonDocument.Parse(context);
        return json.RootElement.TryGetProperty(Root, out var wish) && wish.ValueKind is JsonValueKind.String && Enum.TryParse<InNameOf>(wish.GetString(), out var known) ? known : InNameOf.Shop;
    }
}
