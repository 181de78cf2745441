using System.Buffers;
using System.Text;

namespace Automation.SendGrid;

/// <summary>The documented limits, checked before anything leaves: a refusal here names its field and costs no call.</summary>
internal sealed class MailSendCheck
{
    // RFC 5322 field names: visible ASCII without the colon.
    private static readonly SearchValues<char> HeaderNameLetters = SearchValues.Create(
        "!\"#$%&'()*+,-./0123456789;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    private readonly List<SendGridError> _errors = [];
    private readonly DateTimeOffset _now;

    private MailSendCheck(DateTimeOffset now) => _now = now;

    public static IReadOnlyList<SendGridError> Run(MailSendRequest request, DateTimeOffset now)
    {
        var check = new MailSendCheck(now);
        check.Request(request);
        return check._errors;
    }

    private void Request(MailSendRequest request)
    {
        Address(request.From, "from");
        Sender(request);
        Subject(request);
        Content(request);
        Attachments(request.Attachments);
        Headers(request.Headers, "headers");
        Categories(request.Categories);
        SendAt(request.SendAt, "send_at");
        Delivery(request);
        Personalizations(request.Personalizations);
    }

    private void Sender(MailSendRequest request)
    {
        if (request is { ReplyTo: not null, ReplyToList: not null })
            Add("reply_to", "Give either reply_to or reply_to_list, not both.");
        if (request.ReplyTo is { } replyTo) Address(replyTo, "reply_to");
        Addresses(request.ReplyToList, "reply_to_list", namesAreChecked: false);
    }

    private void Subject(MailSendRequest request)
    {
        if (request.Subject is "") Add("subject", "The subject must have at least one character.");
        if (request.Subject is null && request.TemplateId is null && request.Personalizations.Any(one => one.Subject is null))
            Add("subject", "A subject is needed for the message or for every personalization.");
    }

    private void Content(MailSendRequest request)
    {
        if (request.Content is not { } content)
        {
            if (request.TemplateId is null) Add("content", "Content is needed unless a template is named.");
            return;
        }

        if (content.Count == 0) Add("content", "At least one content block is needed.");
        for (var index = 0; index < content.Count; index++)
        {
            if (content[index].Type is "") Add($"content.{index}.type", "The type must have at least one character.");
            if (content[index].Value is "") Add($"content.{index}.value", "The content must have at least one character.");
            if (index > 0 && Rank(content[index]) < Rank(content[index - 1]))
                Add("content", "The order is text/plain, then text/html, then other types.");
        }
    }

    private static int Rank(MailContent content) => content.Type switch { "text/plain" => 0, "text/html" => 1, _ => 2 };

    private void Attachments(IReadOnlyList<MailAttachment>? attachments)
    {
        for (var index = 0; index < (attachments?.Count ?? 0); index++)
        {
            var attachment = attachments![index];
            if (attachment.Content is "" || !System.Buffers.Text.Base64.IsValid(attachment.Content))
                Add($"attachments.{index}.content", "The content must be Base64.");
            if (attachment.Disposition is not (null or "inline" or "attachment"))
                Add($"attachments.{index}.disposition", "The disposition is inline or attachment.");
        }
    }

    private void Headers(IReadOnlyDictionary<string, string>? headers, string field)
    {
        foreach (var (name, value) in headers ?? EmptyMap)
        {
            if (name.Length == 0 || name.AsSpan().ContainsAnyExcept(HeaderNameLetters))
                Add(field, "Header names are ASCII without blanks or colons.");
            else if (MailSendLimits.ReservedHeaders.Contains(name))
                Add(field, $"The header {name} is reserved.");
            if (value.AsSpan().ContainsAny('\r', '\n')) Add(field, $"The header {name} must be one line.");
        }
    }

    private static readonly Dictionary<string, string> EmptyMap = [];

    private void Categories(IReadOnlyList<string>? categories)
    {
        if (categories is null) return;
        if (categories.Count > MailSendLimits.Categories) Add("categories", $"At most {MailSendLimits.Categories} categories.");
        if (categories.Distinct(StringComparer.Ordinal).Count() != categories.Count) Add("categories", "Categories must differ.");
        for (var index = 0; index < categories.Count; index++)
        {
            if (categories[index].Length is 0 or > MailSendLimits.CategoryCharacters)
                Add($"categories.{index}", $"A category has 1 to {MailSendLimits.CategoryCharacters} characters.");
            if (!Ascii.IsValid(categories[index])) Add($"categories.{index}", "A category is ASCII.");
        }
    }

    private void SendAt(DateTimeOffset? at, string field)
    {
        if (at - _now > MailSendLimits.FurthestAhead) Add(field, "Sending can be at most 72 hours ahead.");
    }

    private void Delivery(MailSendRequest request)
    {
        if (request.Asm?.GroupsToDisplay?.Count > MailSendLimits.GroupsToDisplay)
            Add("asm.groups_to_display", $"At most {MailSendLimits.GroupsToDisplay} groups.");
        if (request.IpPoolName?.Length is < MailSendLimits.PoolNameShortest or > MailSendLimits.PoolNameLongest)
            Add("ip_pool_name", $"{MailSendLimits.PoolNameShortest} to {MailSendLimits.PoolNameLongest} characters.");
    }

    private void Personalizations(IReadOnlyList<Personalization> all)
    {
        if (all.Count is 0 or > MailSendLimits.Personalizations)
            Add("personalizations", $"1 to {MailSendLimits.Personalizations} personalizations.");
        if (all.Sum(one => one.To.Count + (one.Cc?.Count ?? 0) + (one.Bcc?.Count ?? 0)) > MailSendLimits.Recipients)
            Add("personalizations", $"At most {MailSendLimits.Recipients} recipients over to, cc and bcc.");
        for (var index = 0; index < all.Count; index++) One(all[index], $"personalizations.{index}");
    }

    private void One(Personalization one, string field)
    {
        if (one.To.Count == 0) Add($"{field}.to", "At least one recipient.");
        Addresses(one.To, $"{field}.to", namesAreChecked: true);
        Addresses(one.Cc, $"{field}.cc", namesAreChecked: true);
        Addresses(one.Bcc, $"{field}.bcc", namesAreChecked: true);
        Twice(one, field);
        if (one.From is { } from) Address(from, $"{field}.from");
        if (one.Subject is "") Add($"{field}.subject", "The subject must have at least one character.");
        Headers(one.Headers, $"{field}.headers");
        if (Bytes(one.Substitutions) > MailSendLimits.SubstitutionsBytes)
            Add($"{field}.substitutions", $"At most {MailSendLimits.SubstitutionsBytes} bytes.");
        if (one.CustomArgs?.Count == 0) Add($"{field}.custom_args", "Leave custom arguments out rather than empty.");
        if (Bytes(one.CustomArgs) > MailSendLimits.CustomArgsBytes)
            Add($"{field}.custom_args", $"At most {MailSendLimits.CustomArgsBytes} bytes.");
        SendAt(one.SendAt, $"{field}.send_at");
    }

    private void Twice(Personalization one, string field)
    {
        if (one is { To.Count: 1, Cc: null, Bcc: null }) return;
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        if (!one.To.Concat(one.Cc ?? []).Concat(one.Bcc ?? []).All(address => seen.Add(address.Email)))
            Add(field, "An address may appear once over to, cc and bcc.");
    }

    private void Addresses(IReadOnlyList<MailAddress>? addresses, string field, bool namesAreChecked)
    {
        for (var index = 0; index < (addresses?.Count ?? 0); index++)
        {
            var address = addresses![index];
            Address(address, $"{field}.{index}");
            if (namesAreChecked && address.Name?.AsSpan().IndexOfAny(';', ',') >= 0)
                Add($"{field}.{index}.name", "A recipient's name has no semicolon or comma.");
        }
    }

    private void Address(MailAddress address, string field)
    {
        if (address.Email.Length > MailSendLimits.AddressCharacters)
            Add($"{field}.email", $"An address has at most {MailSendLimits.AddressCharacters} characters.");
        else if (!AddressSyntax.IsPlausible(address.Email))
            Add($"{field}.email", "Not an email address.");
    }

    private static int Bytes(IReadOnlyDictionary<string, string>? map)
    {
        var bytes = 0;
        foreach (var (name, value) in map ?? EmptyMap)
            bytes += Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value);
        return bytes;
    }

    private void Add(string field, string message) => _errors.Add(new SendGridError(message, field));
}
