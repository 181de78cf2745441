using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using Automation.Marketing;
using Automation.Marketing.Accounts;
using Automation.Marketing.Storage;
using Automation.Server.SignIn;
using Automation.Server.Wording;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using QRCoder;

namespace Automation.Server.Pages.Account;

/// <summary>One's own: password, second factor, sessions.</summary>
internal sealed class AccountModel(
    AutomationDb db, PasswordSignIn signIn, IPasswordHasher<User> hasher, IDataProtectionProvider protection, Show show, IStringLocalizer words) : PageModel
{
    private static readonly TimeSpan SecretLasts = TimeSpan.FromMinutes(15);

    private readonly ITimeLimitedDataProtector secrets = protection.CreateProtector("second factor").ToTimeLimitedDataProtector();

    [BindProperty, StringLength(200)]
    public string? Current { get; set; }

    [BindProperty, StringLength(200)]
    public string? Password { get; set; }

    [BindProperty, StringLength(200)]
    public string? Again { get; set; }

    /// <summary>The secret being set up, in a form that only we read.</summary>
    [BindProperty, StringLength(500)]
    public string? Kept { get; set; }

    [BindProperty, StringLength(20)]
    public string? Code { get; set; }

    public User Me { get; private set; } = null!;
    public IReadOnlyList<UserSession> Sessions { get; private set; } = [];

    /// <summary>What one's app is to learn, while it is set up.</summary>
    public string? Secret { get; private set; }

    public string? QrImage { get; private set; }
    public IReadOnlyList<string> RecoveryCodes { get; private set; } = [];

    public Task<IActionResult> OnGetAsync(CancellationToken cancellation) => ShowAsync(cancellation);

    public async Task<IActionResult> OnPostPasswordAsync(CancellationToken cancellation)
    {
        if (await IsMeAsync(cancellation))
        {
            if (Password != Again) ModelState.AddModelError(nameof(Again), words["The two passwords differ."]);
            if (ModelState.IsValid && await TryAsync(nameof(Password), () => TeamDesk.ChangePasswordAsync(
                db, MyId, SignInSessions.IdOf(User) ?? Guid.Empty, Password ?? "", hasher.HashPassword, show.Now, cancellation)))
            {
                this.Done(words["Your password is changed, and every other browser is signed out."]);
                return RedirectToPage();
            }
        }
        return await ShowAsync(cancellation);
    }

    public async Task<IActionResult> OnPostFactorAsync(CancellationToken cancellation)
    {
        Offer(Totp.NewSecret());
        return await ShowAsync(cancellation);
    }

    public async Task<IActionResult> OnPostConfirmFactorAsync(CancellationToken cancellation)
    {
        if (SecretIn(Kept) is not { } secret) return RedirectToPage();
        if (!await TryAsync(nameof(Code), async () => RecoveryCodes = await TeamDesk.AddSecondFactorAsync(
            db, MyId, secret, Code, TimeProvider.System.GetUtcNow(), show.Now, cancellation)))
            Offer(secret);
        return await ShowAsync(cancellation);
    }

    public async Task<IActionResult> OnPostRemoveFactorAsync(CancellationToken cancellation)
    {
        if (await IsMeAsync(cancellation)
            && await TryAsync(nameof(Current), () => TeamDesk.RemoveSecondFactorAsync(db, MyId, User.Identity!.Name!, show.Now, cancellation)))
        {
            this.Done(words["The password alone is enough now."]);
            return RedirectToPage();
        }
        return await ShowAsync(cancellation);
    }

    public async Task<IActionResult> OnPostEndSessionsAsync(Guid? session, CancellationToken cancellation)
    {
        await this.TryAsync(who => TeamDesk.EndSessionsAsync(db, MyId, session, SignInSessions.IdOf(User), who, show.Now, cancellation), words["Signed out there."], show);
        return RedirectToPage();
    }

    private Guid MyId => SignInSessions.UserOf(User) ?? Guid.Empty;

    // Whoever finds a browser open must not take the account over. Guessing here locks it as at the door.
    private async Task<bool> IsMeAsync(CancellationToken cancellation)
    {
        if (await signIn.CheckAsync(User.Identity!.Name!, Current ?? "", cancellation) is not null) return true;
        ModelState.AddModelError(nameof(Current), words["This is not your password."]);
        return false;
    }

    private async Task<bool> TryAsync(string field, Func<Task> what)
    {
        try
        {
            await what();
            return true;
        }
        catch (RuleBrokenException broken)
        {
            ModelState.AddModelError(field, show.Rule(broken));
            return false;
        }
    }

    private async Task<IActionResult> ShowAsync(CancellationToken cancellation)
    {
        Me = await db.Users.AsNoTracking().SingleAsync(user => user.Id == MyId, cancellation);
        Sessions = await db.UserSessions.AsNoTracking().Where(session => session.UserId == MyId).OrderByDescending(session => session.LastSeenAt).ToListAsync(cancellation);
        // Neither a new secret nor recovery codes stay in the browser's or a proxy's store.
        Response.Headers.CacheControl = "no-store";
        return Page();
    }

    private void Offer(string secret)
    {
        Secret = secret;
        Kept = secrets.Protect(secret, SecretLasts);
        ModelState.SetModelValue(nameof(Kept), Kept, Kept);
        using var code = QRCodeGenerator.GenerateQrCode(Totp.Uri("Automation", User.Identity!.Name!, secret), QRCodeGenerator.ECCLevel.M);
        using var image = new PngByteQRCode(code);
        QrImage = "data:image/png;base64," + Convert.ToBase64String(image.GetGraphic(5));
    }

    private string? SecretIn(string? kept)
    {
        try
        {
            return kept is null ? null : secrets.Unprotect(kept);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
