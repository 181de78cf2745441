using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Storage;

/// <summary>One named value of the workspace as JSON: the shop's identity, the sending policy, secrets made at first start.</summary>
public sealed class Setting
{
    public required string Key { get; init; }
    public required string Value { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }
}

internal sealed class SettingMapping : IEntityTypeConfiguration<Setting>
{
    public void Configure(EntityTypeBuilder<Setting> setting)
    {
        setting.ToTable("settings");
        setting.HasKey(s => s.Key);
        setting.Property(s => s.Key).HasMaxLength(64);
    }
}
