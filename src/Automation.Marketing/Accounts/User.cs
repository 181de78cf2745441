using Automation.Marketing.Contacts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Accounts;

/// <summary>Someone who signs in.</summary>
public sealed class User
{
    public Guid Id { get; init; }

    /// <summary>Lower case.</summary>
    public required string UserName { get; init; }

    public required string DisplayName { get; set; }
    public string PasswordHash { get; set; } = "";

    /// <summary>Where test mails go; null until it is given.</summary>
    public string? Email { get; set; }

    /// <summary>One of <see cref="RoleNames.Each"/>, by its name.</summary>
    public required string Role { get; set; }

    public int FailedSignIns { get; set; }
    public DateTimeOffset? LockedUntil { get; set; }
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A key that a program signs in with. Only its hash is kept.</summary>
public sealed class ApiKey
{
    public Guid Id { get; init; }
    public required string Name { get; init; }

    /// <summary>SHA-256 of the key, upper-case hex.</summary>
    public required string KeyHash { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
}

internal sealed class AccountMapping : IEntityTypeConfiguration<User>, IEntityTypeConfiguration<ApiKey>
{
    public void Configure(EntityTypeBuilder<User> user)
    {
        user.ToTable("users");
        user.HasKey(u => u.Id);
        user.Property(u => u.UserName).HasMaxLength(100);
        user.Property(u => u.Role).HasMaxLength(16);
        user.Property(u => u.Email).HasMaxLength(EmailAddress.MaxLength);
        user.HasIndex(u => u.UserName).IsUnique();
    }

    public void Configure(EntityTypeBuilder<ApiKey> key)
    {
        key.ToTable("api_keys");
        key.HasKey(k => k.Id);
        key.Property(k => k.KeyHash).HasMaxLength(64);
        key.HasIndex(k => k.KeyHash).IsUnique();
    }
}
