using System.Xml.Linq;
using Automation.Marketing.Storage;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Automation.Server.SignIn;

/// <summary>Keeps the keys of cookies and forms beside the users: all servers share them and a restart signs nobody out.</summary>
internal sealed class KeyRingInDatabase(IDbContextFactory<AutomationDb> databases, TimeProvider clock) : IXmlRepository, IConfigureOptions<KeyManagementOptions>
{
    private const string Prefix = "cookie-key:";

    public void Configure(KeyManagementOptions options) => options.XmlRepository = this;

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var db = databases.CreateDbContext();
        return [.. db.Settings.AsNoTracking().Where(s => s.Key.StartsWith(Prefix)).Select(s => s.Value).AsEnumerable().Select(XElement.Parse)];
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var db = databases.CreateDbContext();
        db.Settings.Add(new Setting { Key = Prefix + friendlyName, Value = element.ToString(SaveOptions.DisableFormatting), UpdatedAt = clock.GetUtcNow() });
        db.SaveChanges();
    }
}
