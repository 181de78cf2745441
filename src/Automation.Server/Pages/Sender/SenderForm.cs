using System.ComponentModel.DataAnnotations;
using Automation.Marketing.Contacts;
using Automation.Marketing.Storage;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Sender;

/// <summary>Who sends, as it is typed. What is left empty stays open and is asked for where it is missed.</summary>
public sealed class SenderForm
{
    [StringLength(100)]
    public string? Name { get; set; }

    [StringLength(100)]
    public string? LegalName { get; set; }

    [StringLength(200)]
    public string? Address { get; set; }

    [StringLength(40)]
    public string? Phone { get; set; }

    [StringLength(200)]
    public string? Url { get; set; }

    [StringLength(EmailAddress.MaxLength)]
    public string? FromEmail { get; set; }

    /// <summary>For order mail; empty: the same as for all.</summary>
    [StringLength(EmailAddress.MaxLength)]
    public string? OrderEmail { get; set; }

    [StringLength(100)]
    public string? FromName { get; set; }

    [StringLength(EmailAddress.MaxLength)]
    public string? ReplyTo { get; set; }

    [RegularExpression("ja|en")]
    public string? Language { get; set; }

    [StringLength(64)]
    public string? TimeZone { get; set; }

    public static SenderForm Of(ShopIdentity shop) => new()
    {
        Name = shop.Name,
        LegalName = shop.LegalName,
        Address = shop.Address,
        Phone = shop.Phone,
        Url = shop.Url,
        FromEmail = shop.FromEmail,
        OrderEmail = shop.OrderEmail,
        FromName = shop.FromName,
        ReplyTo = shop.ReplyTo,
        Language = shop.Language,
        TimeZone = shop.TimeZone,
    };

    /// <returns>The sender with what was typed; faults are in <paramref name="state"/>.</returns>
    /// <param name="prefix">Of the form's fields, e.g. <c>Form.</c>.</param>
    public ShopIdentity On(ShopIdentity shop, ModelStateDictionary state, string prefix, IStringLocalizer words)
    {
        Check(nameof(FromEmail), FromEmail, IsMail, words["Please enter a mail address like name@example.com."]);
        Check(nameof(OrderEmail), OrderEmail, IsMail, words["Please enter a mail address like name@example.com."]);
        Check(nameof(ReplyTo), ReplyTo, IsMail, words["Please enter a mail address like name@example.com."]);
        Check(nameof(Url), Url, IsWeb, words["Please enter an address that begins with https://."]);
        Check(nameof(TimeZone), TimeZone, text => TimeZoneInfo.TryFindSystemTimeZoneById(text, out _), words["Please choose a time zone."]);
        return shop with
        {
            Name = Text(Name),
            LegalName = Text(LegalName),
            Address = Text(Address),
            Phone = Text(Phone),
            Url = Text(Url),
            FromEmail = Text(FromEmail),
            OrderEmail = Text(OrderEmail) is { Length: > 0 } order ? order : null,
            FromName = Text(FromName) is { Length: > 0 } shown ? shown : Text(Name),
            ReplyTo = Text(ReplyTo) is { Length: > 0 } given ? given : null,
            Language = Language is "en" ? "en" : "ja",
            TimeZone = Text(TimeZone) is { Length: > 0 } zone ? zone : shop.TimeZone,
        };

        void Check(string field, string? text, Func<string, bool> isRight, string fault)
        {
            if (Text(text) is { Length: > 0 } given && !isRight(given)) state.AddModelError(prefix + field, fault);
        }
    }

    // Line breaks in a name would end up in a mail's header.
    private static string Text(string? text) => string.Concat((text ?? "").Where(letter => !char.IsControl(letter))).Trim();

    private static bool IsMail(string text) => EmailAddress.TryParse(text, out _);

    private static bool IsWeb(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is ("https" or "http");
}
