using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Accounts;

/// <summary>A key that a program signs in with. Only its hash is kept.</summary>
public sealed class ApiKey
{
    public const int MaxName = 60;

    public Guid Id { get; init; }
    public required string Name { get; init; }

    /// <summary>SHA-256 of the key, upper-case hex.</summary>
    public required string KeyHash { get; init; }

    /// <summary>How the key begins, so that its owner knows it again; empty for one given by a setting.</summary>
    public string Start { get; init; } = "";

    /// <summary>What its program may, by name as <see cref="User.Role"/>.</summary>
    public required string Role { get; init; }

    public string CreatedBy { get; init; } = "";
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>To the minute.</summary>
    public DateTimeOffset? LastUsedAt { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }
}

internal sealed class ApiKeyMapping : IEntityTypeConfiguration<ApiKey>
{
    public void Configure(EntityTypeBuilder<ApiKey> key)
    {
        key.ToTable("api_keys");
        key.HasKey(k => k.Id);
        key.Property(k => k.Name).HasMaxLength(ApiKey.MaxName);
        key.Property(k => k.KeyHash).HasMaxLength(64);
        key.Property(k => k.Start).HasMaxLength(12);
        key.Property(k => k.Role).HasMaxLength(16).HasDefaultValue("admin");    // keys from before roles could do everything
        key.Property(k => k.CreatedBy).HasMaxLength(100);
        key.HasIndex(k => k.KeyHash).IsUnique();
    }
}
