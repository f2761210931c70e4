using System.Runtime.InteropServices;

namespace MLNetLlm.Models.Tests;

/// <summary>What this assembly does where a test starts it as a process of its own.</summary>
internal static class Program
{
    /// <summary>Downloads the model that is named and writes the directory.</summary>
    public const string Download = "download";

    /// <summary>Writes what native code sees of the variable that is named, once this library is there.</summary>
    public const string Variable = "variable";

    private static void Main(string[] arguments)
    {
        switch (arguments)
        {
            case [Download, var name]:
                Console.WriteLine(ModelHub.Download(name));
                break;
            case [Variable, var name]:
                NativeRuntime.Describe();
                Console.WriteLine(Marshal.PtrToStringUTF8(ReadNative(name)));
                break;
            default:
                throw new ArgumentException($"Expected '{Download}' or '{Variable}' and a name.", nameof(arguments));
        }
    }

    [DllImport("libc", EntryPoint = "getenv", CharSet = CharSet.Ansi)]
    private static extern IntPtr ReadNative(string name);
}
