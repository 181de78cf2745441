using Automation.Marketing.Storage;

namespace Automation.Marketing.Contacts.Consent;

/// <summary>Which grounds for marketing mail the law of a country accepts (brief §4.3, §7): data, so that counsel can tighten it.</summary>
/// <param name="HomeCountry">ISO 3166 code; for people whose country is unknown.</param>
/// <param name="Countries">By country code.</param>
/// <param name="Elsewhere">In every other country.</param>
public sealed record ConsentPolicy(string HomeCountry, IReadOnlyDictionary<string, IReadOnlyList<ConsentBasis>> Countries, IReadOnlyList<ConsentBasis> Elsewhere)
{
    public const string SettingKey = "consent-policy";

    private static readonly ConsentBasis[] Asked = [ConsentBasis.OptIn, ConsentBasis.DoubleOptIn];

    /// <summary>Japan's exceptions for Japan, consent by the person's own act elsewhere, confirmed by mail in Germany and Austria.</summary>
    public static readonly ConsentPolicy Default = new(
        "JP",
        new Dictionary<string, IReadOnlyList<ConsentBasis>>(StringComparer.Ordinal)
        {
            ["JP"] = [.. Asked, ConsentBasis.ExistingRelationship, ConsentBasis.BusinessCard, ConsentBasis.PublishedAddress],
            ["DE"] = [ConsentBasis.DoubleOptIn],
            ["AT"] = [ConsentBasis.DoubleOptIn],
        },
        Asked);

    public bool Accepts(string? country, ConsentBasis basis) =>
        (Countries.TryGetValue(string.IsNullOrEmpty(country) ? HomeCountry : country, out var accepted) ? accepted : Elsewhere).Contains(basis);
}

public static class StoredConsentPolicy
{
    public static async Task<ConsentPolicy> ConsentPolicyAsync(this AutomationDb db, CancellationToken cancellation) =>
        await db.ReadSettingAsync<ConsentPolicy>(ConsentPolicy.SettingKey, cancellation) ?? ConsentPolicy.Default;

    public static async Task SaveConsentPolicyAsync(this AutomationDb db, ConsentPolicy policy, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var before = await db.ConsentPolicyAsync(cancellation);
        await db.WriteSettingAsync(ConsentPolicy.SettingKey, policy, now, cancellation);
        await Audit.WriteAsync(db, actor, "consent-policy.changed", "", null, before, policy, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }
}
